/**
 * attach: options, TCP_INFO and queue depths of sockets that Node owns.
 *
 * Node keeps the descriptor of a socket in `_handle.fd`. That is not documented, and it has been so in every
 * version for ten years. The number is read anew at each call and never kept: once Node destroys the socket,
 * the kernel gives the same number to somebody else's.
 */
import type { Socket as UdpSocket } from 'node:dgram';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket as NodeSocket } from 'node:net';
import { NoDescriptorError } from './errors.ts';
import type { Libc } from './libc/libc.ts';
import { openLibc } from './libc/library.ts';
import { SocketControls } from './descriptor/socket-controls.ts';

/**
 * What {@link attach} takes: a `net.Socket` or `tls.TLSSocket`, a `net.Server` that listens, an HTTP request
 * or response of either side, a `dgram.Socket`, a stream of `toDuplex`, or anything with such a thing in its
 * `socket` or `_socket`, as a WebSocket of `ws` has it.
 */
export type Attachable =
  | NodeSocket
  | Server
  | UdpSocket
  | IncomingMessage
  | ServerResponse
  | ClientRequest
  | { fileno(): number }
  | { readonly _socket: unknown }
  | { readonly socket: unknown };

/** Options of {@link attach}. */
export interface AttachOptions {
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/**
 * The knobs and dials of a socket that somebody else owns: nothing is opened, closed or taken.
 *
 * @throws NoDescriptorError when what is given has no descriptor and cannot get one. One that is not
 * connected yet can: then the calls throw it, until it is.
 * @throws UnsupportedPlatformError where there are no native sockets.
 *
 * @example
 * ```ts
 * const server = http.createServer((request, response) => {
 *   const { rttMs, totalRetrans } = attach(request).tcpInfo();
 *   response.end(`your round trip takes ${rttMs} ms, ${totalRetrans} segments were sent again\n`);
 * });
 * ```
 */
export function attach(x: Attachable, options: AttachOptions = {}): AttachedSocket {
  return new AttachedSocket(x, options);
}

/** A socket that somebody else owns; made by {@link attach}. */
export class AttachedSocket extends SocketControls {
  readonly #owner: unknown;

  constructor(owner: Attachable, options: AttachOptions = {}) {
    super(options.libc ?? openLibc());
    this.#owner = owner;
    if (!isOwner(owner)) throw new NoDescriptorError(describe(owner), adviceFor(owner));
  }

  /** The descriptor's number now, or -1 where there is none (any more). */
  override fileno(): number {
    return descriptorOf(this.#owner) ?? -1;
  }

  protected override descriptor(): number {
    const fd = descriptorOf(this.#owner);
    if (fd !== undefined) return fd;
    throw new NoDescriptorError(
      describe(this.#owner),
      "it is not connected yet, or over; use it between 'connect' and 'close'",
    );
  }
}

/** How deep a socket may lie in what is given: a TLS socket in a request in a wrapper, and one to spare. */
const MAX_DEPTH = 4;

/** The object with Node's handle that `x` is or leads to. It may change: a request gets its socket late. */
function handleOwner(x: unknown): object | undefined {
  let at = x;
  for (let depth = 0; depth < MAX_DEPTH && isObject(at); depth++) {
    // A socket without a handle has the key; that of an HTTP/2 session only answers when it is asked.
    if ('_handle' in at || isObject(read(at, '_handle'))) return at;
    if (hasFileno(at)) return at;
    if (datagramState(at) !== undefined) return at;
    at = read(at, 'socket') ?? read(at, '_socket');
  }
  return undefined;
}

function descriptorOf(x: unknown): number | undefined {
  const owner = handleOwner(x);
  if (owner === undefined) return undefined;
  if (hasFileno(owner)) return descriptor(owner.fileno());
  const datagrams = datagramState(owner);
  const handle = datagrams === undefined ? read(owner, '_handle') : read(datagrams, 'handle');
  return descriptor(read(handle, 'fd')) ?? descriptorOf(streamBelow(handle));
}

function descriptor(fd: unknown): number | undefined {
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** The stream that a TLS socket was put on, where that is no socket of Node's. */
function streamBelow(tlsHandle: unknown): unknown {
  return read(read(tlsHandle, '_parentWrap'), 'stream');
}

/** Whether `x` says its descriptor by itself, as the streams of `toDuplex` do. */
function hasFileno(x: object): x is { fileno(): unknown } {
  return typeof read(x, 'fileno') === 'function';
}

/** Whether a descriptor may be found in `x`, now or later. */
function isOwner(x: unknown): boolean {
  return isObject(x) && (handleOwner(x) !== undefined || 'socket' in x || '_socket' in x);
}

/** Where a `dgram.Socket` keeps its handle: `_handle` is there, too, but deprecated, and says so when read. */
function datagramState(x: object): unknown {
  const key = Object.getOwnPropertySymbols(x).find(
    (symbol) => symbol.description === 'state symbol',
  );
  return key === undefined ? undefined : Reflect.get(x, key);
}

function read(x: unknown, key: string): unknown {
  return isObject(x) ? Reflect.get(x, key) : undefined;
}

function isObject(x: unknown): x is object {
  return typeof x === 'object' && x !== null;
}

function describe(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  if (!isObject(x)) return `a ${typeof x}`;
  const name = x.constructor?.name ?? 'Object';
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

function adviceFor(x: unknown): string {
  if (isObject(x) && x.constructor?.name === 'Response') {
    return "fetch shows no socket here; subscribe to 'undici:client:connected' of node:diagnostics_channel, which gives it";
  }
  return 'pass a socket, or something with one: a request, a response, a WebSocket of ws';
}
