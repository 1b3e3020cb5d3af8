/**
 * Connecting through Node: one time-out for all of it, and every attempt in the error.
 *
 * The name is looked up as the native network does it, so that answers and errors are the same. Node tries the
 * addresses in turns of their families, one at a time, and tells of each attempt (`connection-attempts.ts`).
 */
import { formatEndpoint, resolve, type Endpoint, type InternetEndpoint } from '@wireline/socket';
import { CONNECT_TIMEOUT_MS, withDeadline } from '@wireline/socket/event-loop';
import { connect, isIPv6, type NetConnectOpts } from 'node:net';
import { ConnectError } from '../../errors.ts';
import type { NetworkConnectOptions } from '../../network.ts';
import { KEEP_ALIVE } from '../keep-alive.ts';
import { ConnectionAttempts } from './connection-attempts.ts';
import { NodeTransport } from './node-transport.ts';
import { checkLength } from './unix-place.ts';

/** RFC 8305, section 8: how long an attempt may take while another address is left. */
const ATTEMPT_MS = 250;

/** RFC 8305, section 5: no attempt begins sooner behind another, nor does Node take less. */
const SHORTEST_ATTEMPT_MS = 10;

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE.idleSeconds * 1000,
} as const;

/** Connects to the first address of `endpoint` that answers. See `Network.connect`. */
export async function connectNode(
  endpoint: Endpoint,
  options: NetworkConnectOptions,
): Promise<NodeTransport> {
  const { clock, timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
  const startedAt = clock.now();
  signal?.throwIfAborted();
  if (!(timeoutMs >= 0)) {
    throw new RangeError(`connect within ${timeoutMs} ms: expected a number of at least 0`);
  }
  const where = await placeOf(endpoint, timeoutMs, options);
  const socket = connect(where);
  socket.pause(); // before it is connected, or Node would read at once
  const attempts = new ConnectionAttempts(socket, endpoint);
  try {
    await withDeadline(attempts.connected, {
      clock,
      timeoutMs: Math.max(startedAt + timeoutMs - clock.now(), 0),
      signal,
      onTimeout: () => attempts.timedOut(timeoutMs),
    });
    return new NodeTransport(socket, attempts.address, clock);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What Node is to connect to. */
async function placeOf(
  endpoint: Endpoint,
  timeoutMs: number,
  { clock, signal }: NetworkConnectOptions,
): Promise<NetConnectOpts> {
  if ('path' in endpoint) {
    return { ...SOCKET_OPTIONS, path: checkLength('connect', endpoint.path) };
  }
  const { host, port } = endpoint;
  // Which interface a zone names is for Node to know: the native way asks the C library.
  if (host.includes('%') && isIPv6(host)) return { ...SOCKET_OPTIONS, host, port };
  const addresses = await withDeadline(resolve(host, port), {
    clock,
    timeoutMs,
    signal,
    onTimeout: () => lookUpTooLong(endpoint, timeoutMs),
  });
  const found = addresses.map((address) => ({
    address: address.host,
    family: address.family === 'inet' ? 4 : 6,
  }));
  const share = Math.floor(timeoutMs / found.length);
  return {
    ...SOCKET_OPTIONS,
    host: HOST,
    port,
    // Not at once: who is to be told of the attempts has to see the socket first.
    lookup: (_host, _options, callback) => process.nextTick(callback, null, found),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(Math.min(share, ATTEMPT_MS), SHORTEST_ATTEMPT_MS),
  };
}

/** Any name: what it stands for is known already, and only of a name would Node ask. */
const HOST = 'known';

function lookUpTooLong(endpoint: InternetEndpoint, timeoutMs: number): ConnectError {
  return new ConnectError(formatEndpoint(endpoint), [
    new Error(`resolve ${endpoint.host}: no answer within ${timeoutMs} ms (connectTimeoutMs)`),
  ]);
}
