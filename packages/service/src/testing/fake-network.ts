/**
 * FakeNetwork: a network in memory, with its own clock, its own turns, and the luck that a test gives it.
 *
 * Servers and clients run on it as they are: they get it as `network`, and its `clock` as `clock`. Paths can be
 * listened at as hosts can; there are no files, and connections there behave as all others do. Nothing
 * moves by itself: wait for what you want with `until`, `settle`, `advance` or `run`, and turns are played
 * and time passes as far as that takes. All chance comes from the seed: the same seed is the same run.
 */
import {
  AddressInUseError,
  ConnectionRefusedError,
  ERRNO,
  formatAddress,
  formatEndpoint,
  SystemError,
  type Address,
  type Endpoint,
  type IpAddress,
} from '@wireline/socket';
import { CONNECT_TIMEOUT_MS, systemClock, type Clock } from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import { ConnectError } from '../errors.ts';
import type {
  AcceptHandler,
  Network,
  NetworkConnectOptions,
  TransportListener,
} from '../network.ts';
import type { Transport } from '../transport.ts';
import { attemptConnect } from './connect-attempt.ts';
import { Fortune } from './fortune.ts';
import { chooseLuck, type Luck, type LuckName } from './luck.ts';
import { BUFFER_LENGTH, MemoryConnection } from './memory-connection.ts';
import { MemoryListener } from './memory-listener.ts';
import { MemoryLoop } from './memory-loop.ts';
import { covers, NameTable, type Hosts } from './name-table.ts';
import { MAX_MS, MAX_TURNS, Player } from './player.ts';
import { Random } from './random.ts';
import { Trace } from './trace.ts';

/** The first of the ports that are nobody's by name (RFC 6335): where chosen ones begin. */
const FIRST_FREE_PORT = 49_152;
const LAST_PORT = 65_535;

/** 10,000 lines, a megabyte: all of a short run, and the end of a long one. */
const TRACE_LENGTH = 10_000;

/** What an error shows of the trace: what led to it, on one screen. */
const TRACE_SHOWN = 30;

/** Options of {@link FakeNetwork}. */
export interface FakeNetworkOptions {
  /** Where chance begins: a whole number from 0 to 2^32 - 1; 1 unless told. */
  readonly seed?: number;
  /** What befalls those who use it, by name or in numbers; `calm` unless told. */
  readonly luck?: LuckName | Partial<Luck>;
  /** How many bytes each direction of a connection holds; 64 KiB unless told. */
  readonly bufferLength?: number;
  /** Names and their addresses; `localhost` is known anyway. */
  readonly hosts?: Hosts;
  /** What it says that it can hold; it does not count. Infinity unless told. */
  readonly capacity?: number;
  /** Hears of each connection before anything has been sent on it. */
  readonly onConnection?: (connection: MemoryConnection) => void;
  /** How many turns one wait may take; 200,000 unless told. */
  readonly maxTurns?: number;
  /** How much of its own time one wait may take; an hour unless told. */
  readonly maxMs?: number;
}

/**
 * A network to test on.
 *
 * @example
 * ```ts
 * const network = new FakeNetwork({ seed: 7, luck: 'rough' });
 * const { clock } = network;
 * const server = new Server(() => jsonMessage({ result: 'hello' }), { network, clock });
 * const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
 * const client = new Client({ host: '127.0.0.1', port }, { network, clock });
 * const answer = await network.until(client.request(jsonMessage({ action: 'greet' })));
 * ```
 */
export class FakeNetwork implements Network {
  readonly seed: number;
  /** Its time: give it to servers and clients as their `clock`. */
  readonly clock = new ManualClock();
  /** Chance for the scenario itself, from the same seed. */
  readonly random: Random;
  readonly #options: FakeNetworkOptions;
  readonly #fortune: Fortune;
  readonly #loop: MemoryLoop;
  readonly #names: NameTable;
  readonly #player: Player;
  readonly #trace = new Trace(this.clock, TRACE_LENGTH);
  readonly #listeners = new Set<MemoryListener>();
  readonly #connections = new Set<MemoryConnection>();
  #lastId = 0;
  #lastPort = FIRST_FREE_PORT - 1;
  #lastName = 0;
  #starving = false;

  /** @throws RangeError when the seed or a kind of luck is out of its range. */
  constructor(options: FakeNetworkOptions = {}) {
    this.#options = options;
    this.seed = options.seed ?? 1;
    const random = new Random(this.seed);
    this.random = random.fork();
    this.#fortune = new Fortune(chooseLuck(options.luck ?? 'calm'), random.fork());
    this.#loop = new MemoryLoop({ arrange: (ready) => this.#fortune.arrange(ready) });
    this.#names = new NameTable(options.hosts);
    this.#player = new Player({
      loop: this.#loop,
      clock: this.clock,
      maxTurns: options.maxTurns ?? MAX_TURNS,
      maxMs: options.maxMs ?? MAX_MS,
      describe: () =>
        [...this.leftovers(), 'The last events:', ...this.trace(TRACE_SHOWN)].join('\n'),
    });
  }

  /** What befalls those who use it. */
  get luck(): Luck {
    return this.#fortune.luck;
  }

  /**
   * Changes the luck from now on. Connections that stand keep their speed, and break if they were to break.
   *
   * @throws RangeError when a kind of luck is out of its range.
   */
  changeLuck(luck: LuckName | Partial<Luck>): void {
    this.#fortune.luck = chooseLuck(luck);
  }

  /** The connections of which an end is open, oldest first. */
  get connections(): readonly MemoryConnection[] {
    return [...this.#connections];
  }

  capacity(): number {
    return this.#options.capacity ?? Infinity;
  }

  async listen(
    endpoint: Endpoint,
    handler: AcceptHandler,
    clock: Clock,
  ): Promise<TransportListener> {
    checkClock(`listen at ${formatEndpoint(endpoint)}`, clock);
    const [wanted] = await this.#names.addressesOf(endpoint);
    const address = this.#chosen(wanted);
    if ([...this.#listeners].some((each) => overlap(each.address, address))) {
      throw new AddressInUseError('bind', ERRNO.EADDRINUSE, formatAddress(address));
    }
    const listener = new MemoryListener({
      address,
      handler,
      clock,
      loop: this.#loop,
      accept: () => (this.#starving ? 'starved' : this.#fortune.accept()),
      note: (event) => this.#trace.note(event),
      onClosed: () => this.#listeners.delete(listener),
    });
    this.#listeners.add(listener);
    this.#trace.note(`${formatAddress(address)} listens`);
    return listener;
  }

  connect(endpoint: Endpoint, options: NetworkConnectOptions): Promise<Transport> {
    return this.#connectFrom(undefined, endpoint, options);
  }

  /** The same network as another machine sees it: what connects through it comes from `host`, an address. */
  from(host: string): Network {
    return {
      capacity: () => this.capacity(),
      listen: (endpoint, handler, clock) => this.listen(endpoint, handler, clock),
      connect: (endpoint, options) => this.#connectFrom(host, endpoint, options),
    };
  }

  /** Takes all descriptors away: nothing is accepted until {@link recover}. */
  starve(): void {
    this.#starving = true;
  }

  /** Takes {@link starve} back. */
  recover(): void {
    this.#starving = false;
  }

  /**
   * Plays turns and lets time pass until `promise` is settled, and settles as it does.
   *
   * @throws StillWaitingError when nothing is left that could settle it, or it takes too long.
   * @throws what a handler threw into a turn.
   */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return this.#player.until(promise);
  }

  /** Plays turns until nothing is left to do at this moment. No time passes. Throws as {@link until} does. */
  settle(): Promise<void> {
    return this.#player.settle();
  }

  /** Lets `ms` milliseconds pass, and plays what they bring. Throws as {@link until} does, RangeError too. */
  advance(ms: number): Promise<void> {
    return this.#player.advance(ms);
  }

  /** Plays until nothing is left to do and no timer runs, however long that is. Throws as {@link until} does. */
  run(): Promise<void> {
    return this.#player.run();
  }

  /** What happened last, oldest first: all that is remembered, or `count` lines. */
  trace(count = TRACE_LENGTH): readonly string[] {
    return this.#trace.last(count);
  }

  /** What is not closed and what is not over, a line for each: empty when a test has tidied up. */
  leftovers(): readonly string[] {
    const { pending, next = 0 } = this.clock;
    return [
      ...[...this.#listeners].map(String),
      ...[...this.#connections].map(String),
      ...(pending === 0 ? [] : [`${pending} timers, the next in ${next - this.clock.now()} ms`]),
    ];
  }

  async #connectFrom(
    host: string | undefined,
    endpoint: Endpoint,
    options: NetworkConnectOptions,
  ): Promise<Transport> {
    const { clock, timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
    const target = formatEndpoint(endpoint);
    checkClock(`connect ${target}`, clock);
    const deadline = clock.now() + timeoutMs;
    const addresses = await this.#names.addressesOf(endpoint);
    const failures: Error[] = [];
    for (const [index, address] of addresses.entries()) {
      signal?.throwIfAborted();
      try {
        return await attemptConnect({
          address,
          clock,
          signal,
          loop: this.#loop,
          delayMs: this.#fortune.connectMs(),
          timeoutMs: Math.max((deadline - clock.now()) / (addresses.length - index), 1),
          establish: () => this.#establish(host, address),
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof SystemError)) throw error;
        failures.push(error);
      }
    }
    throw new ConnectError(target, failures);
  }

  /** Makes a connection and puts it into the backlog of who listens there. */
  #establish(host: string | undefined, serverAddress: Address): Transport {
    const listener = this.#listenerAt(serverAddress);
    if (listener === undefined || this.#fortune.refuses()) {
      this.#trace.note(`${formatAddress(serverAddress)} refuses a connection`);
      const address = formatAddress(serverAddress);
      throw new ConnectionRefusedError('connect', ERRNO.ECONNREFUSED, address);
    }
    const connection = new MemoryConnection({
      id: ++this.#lastId,
      loop: this.#loop,
      clock: this.clock,
      clientAddress: this.#clientAddress(host, serverAddress),
      serverAddress,
      bufferLength: this.#options.bufferLength ?? BUFFER_LENGTH,
      lines: { toServer: this.#fortune.line(), toClient: this.#fortune.line() },
      note: (event) => this.#trace.note(event),
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    this.#trace.note(`${connection} stands`);
    const fate = this.#fortune.fate();
    if (fate !== undefined) connection.breakAfter(fate.time, fate.how);
    this.#options.onConnection?.(connection);
    listener.offer(connection);
    return connection.client;
  }

  /** The address of whoever connects to `serverAddress`. On a Unix socket it has no name, as usual. */
  #clientAddress(host: string | undefined, serverAddress: Address): Address {
    if (serverAddress.family === 'unix') return { family: 'unix', path: '' };
    return { ...serverAddress, host: host ?? loopback(serverAddress), port: this.#freePort() };
  }

  /** The wanted address, with what it leaves to the network. */
  #chosen(wanted: Address): Address {
    if (wanted.family === 'unix') {
      return wanted.path === '' ? { family: 'unix', path: this.#freeName() } : wanted;
    }
    return wanted.port === 0 ? { ...wanted, port: this.#freePort() } : wanted;
  }

  #listenerAt(address: Address): MemoryListener | undefined {
    return [...this.#listeners].find((each) => covers(each.address, address));
  }

  /** Counts up and begins anew; a listening one is left out, a connected one may come twice. */
  #freePort(): number {
    do {
      this.#lastPort = this.#lastPort < LAST_PORT ? this.#lastPort + 1 : FIRST_FREE_PORT;
    } while (
      [...this.#listeners].some(
        ({ address }) => address.family !== 'unix' && address.port === this.#lastPort,
      )
    );
    return this.#lastPort;
  }

  /** As Linux chooses them: five digits in the abstract namespace, see unix(7). */
  #freeName(): string {
    return `\0${(++this.#lastName).toString(16).padStart(5, '0')}`;
  }
}

/** The address of this machine from which it connects to itself. */
function loopback({ family }: IpAddress): string {
  return family === 'inet' ? '127.0.0.1' : '::1';
}

/** Whether two cannot listen at these at the same time. */
function overlap(one: Address, other: Address): boolean {
  return covers(one, other) || covers(other, one);
}

/** Forgetting the clock is easy, and what follows looks like anything but that. */
function checkClock(attempt: string, clock: Clock): void {
  if (clock !== systemClock) return;
  throw new Error(`${attempt}: the clock is the machine's; pass the option clock: network.clock`);
}
