/**
 * Connecting to the first of several addresses that answers, in this thread: the schedule of `happy-eyeballs.ts`
 * around poll(2).
 *
 * All attempts that run are waited for in one call of poll, which a signal or the end of a worker interrupts as it
 * does any other (`blocking-wait.ts`).
 */
import { formatAddress, type Address, type Family } from './address.ts';
import { pollUntil } from './blocking-wait.ts';
import { systemError, SystemError } from './errors.ts';
import { finishConnect } from './finish-connect.ts';
import { HappyEyeballs, type ConnectPlan } from './happy-eyeballs.ts';
import { POLLOUT } from './libc/constants.ts';
import type { Libc } from './libc/libc.ts';
import { WOULD_BLOCK } from './libc/syscall.ts';
import { isUnderWay } from './socket-mode.ts';
import type { Socket } from './socket.ts';

/** How to try, and with what. `startedAt` is on the clock of `performance.now()`. */
export interface ConnectFirstOptions extends ConnectPlan {
  /** Opens a socket for an address, bound where it is to leave from. */
  readonly open: (address: Address) => Socket<Family>;
  readonly libc: Libc;
}

/** An attempt that is not decided. */
interface Running {
  readonly attempt: number;
  readonly address: Address;
  readonly socket: Socket<Family>;
}

/**
 * Blocks until a connection stands.
 *
 * @returns its socket; all others are closed, and all when it throws
 * @throws ConnectionFailedError, InterruptedError, what `open` throws beside SystemErrors.
 */
export function connectFirst(
  addresses: readonly Address[],
  options: ConnectFirstOptions,
): Socket<Family> {
  return new BlockingRace(addresses, options).run();
}

class BlockingRace {
  readonly #eyeballs: HappyEyeballs<Address>;
  readonly #options: ConnectFirstOptions;
  /** Every socket that is open. */
  readonly #open = new Set<Socket<Family>>();
  #running: Running[] = [];

  constructor(addresses: readonly Address[], options: ConnectFirstOptions) {
    this.#eyeballs = new HappyEyeballs(addresses, options);
    this.#options = options;
  }

  run(): Socket<Family> {
    try {
      const winner = this.#race();
      this.#open.delete(winner);
      return winner;
    } catch (error) {
      this.#eyeballs.abandon(performance.now());
      throw error;
    } finally {
      for (const socket of this.#open) socket.close();
    }
  }

  #race(): Socket<Family> {
    for (;;) {
      const step = this.#eyeballs.next(performance.now());
      if (step.do === 'give up') throw step.error;
      const winner = step.do === 'begin' ? this.#begin(step) : this.#wait(step.until);
      if (winner !== undefined) return winner;
    }
  }

  /** The socket, if it is connected at once. */
  #begin({ attempt, address }: Omit<Running, 'socket'>): Socket<Family> | undefined {
    const socket = this.#openFor(attempt, address);
    if (socket === undefined) return undefined;
    const errno = socket.tryConnectEx(address);
    if (!isUnderWay(errno)) return this.#decide({ attempt, address, socket }, errno);
    this.#running.push({ attempt, address, socket });
    return undefined;
  }

  /** A socket; none when there can be none for this address. */
  #openFor(attempt: number, address: Address): Socket<Family> | undefined {
    let socket: Socket<Family>;
    try {
      socket = this.#options.open(address);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#eyeballs.failed(attempt, error, performance.now());
      return undefined;
    }
    this.#open.add(socket);
    return socket;
  }

  /** The socket that was connected within the time, if one was. */
  #wait(until: number): Socket<Family> | undefined {
    const fds = Int32Array.from(this.#running.flatMap(({ socket }) => [socket.fileno(), POLLOUT]));
    const waited = this.#running;
    const { libc } = this.#options;
    pollUntil(libc, { fds, count: waited.length, deadline: until, attempt: 'connect' });
    this.#running = [];
    for (const [at, running] of waited.entries()) {
      // |fd i32|events u16|revents u16|, of which the upper half is what came.
      const isReady = (fds[at * 2 + 1] ?? 0) >>> 16 !== 0;
      const errno = isReady ? finishConnect(running.socket, running.address) : WOULD_BLOCK;
      if (errno === WOULD_BLOCK) this.#running.push(running);
      else if (this.#decide(running, errno) !== undefined) return running.socket;
    }
    return undefined;
  }

  /** Tells what came of an attempt. The socket, if it is connected. */
  #decide({ attempt, address, socket }: Running, errno: number): Socket<Family> | undefined {
    const now = performance.now();
    if (errno === 0) {
      this.#eyeballs.connected(attempt, now);
      return socket;
    }
    this.#eyeballs.failed(attempt, systemError('connect', errno, formatAddress(address)), now);
    socket.close();
    this.#open.delete(socket);
    return undefined;
  }
}
