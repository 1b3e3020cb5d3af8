/**
 * Connecting to the first of several addresses that answers, in this thread: the schedule of `happy-eyeballs.ts`
 * around poll(2).
 *
 * All attempts that run are waited for in one call of poll, which a signal or the end of a worker interrupts as it
 * does any other (`blocking-wait.ts`).
 */
import { formatAddress, type Address, type Family } from '../address/address.ts';
import { pollUntil } from './blocking-wait.ts';
import { systemError, SystemError } from '../errors.ts';
import { finishConnect } from '../connecting/finish-connect.ts';
import { HappyEyeballs, type ConnectPlan } from '../connecting/happy-eyeballs.ts';
import { POLLOUT } from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import { openFrom, type LocalAddresses } from '../names/local-addresses.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { isUnderWay } from '../socket-mode.ts';

/** How to try, and with what. `startedAt` is on the clock of `performance.now()`. */
export interface ConnectFirstOptions extends ConnectPlan {
  /** Where to connect from, by family; wherever the kernel says unless told. */
  readonly from?: LocalAddresses | undefined;
  readonly libc: Libc;
}

/** An attempt that is not decided. */
interface Running {
  readonly attempt: number;
  readonly address: Address;
  readonly socket: SocketDescriptor<Family>;
}

/**
 * Blocks until a connection stands.
 *
 * @returns the socket, which the caller owns; all others are closed, and all when it throws
 * @throws ConnectionFailedError, InterruptedError.
 */
export function connectFirst(
  addresses: readonly Address[],
  options: ConnectFirstOptions,
): SocketDescriptor<Family> {
  return new BlockingRace(addresses, options).run();
}

class BlockingRace {
  readonly #eyeballs: HappyEyeballs<Address>;
  readonly #options: ConnectFirstOptions;
  #running: Running[] = [];
  /** The one that is connected. */
  #winner: SocketDescriptor<Family> | undefined;

  constructor(addresses: readonly Address[], options: ConnectFirstOptions) {
    this.#eyeballs = new HappyEyeballs(addresses, options);
    this.#options = options;
  }

  run(): SocketDescriptor<Family> {
    try {
      for (;;) {
        const step = this.#eyeballs.next(performance.now());
        if (step.do === 'give up') throw step.error;
        if (step.do === 'begin') this.#begin(step.attempt, step.address);
        else this.#wait(step.until);
        if (this.#winner !== undefined) return this.#winner;
      }
    } catch (error) {
      this.#winner?.close(); // whoever watches the attempts has thrown
      this.#eyeballs.abandon(performance.now());
      throw error;
    } finally {
      for (const { socket } of this.#running) socket.close();
    }
  }

  #begin(attempt: number, address: Address): void {
    let socket: SocketDescriptor<Family>;
    try {
      socket = openFrom<Family>(address.family, this.#options);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return this.#eyeballs.failed(attempt, error, performance.now());
    }
    const running = { attempt, address, socket };
    this.#running.push(running);
    const errno = socket.tryConnectEx(address);
    if (!isUnderWay(errno)) this.#decided(running, errno);
  }

  /** Sleeps until something comes of an attempt. */
  #wait(until: number): void {
    const waiting = this.#running;
    const fds = Int32Array.from(waiting.flatMap(({ socket }) => [socket.fileno(), POLLOUT]));
    const { libc } = this.#options;
    pollUntil(libc, { fds, count: waiting.length, deadline: until, attempt: 'connect' });
    for (const [at, running] of waiting.entries()) {
      // |fd i32|events u16|revents u16|, of which the upper half is what came.
      if ((fds[at * 2 + 1] ?? 0) >>> 16 === 0) continue;
      const errno = finishConnect(running.socket, running.address);
      if (errno !== WOULD_BLOCK) this.#decided(running, errno);
      if (this.#winner !== undefined) return;
    }
  }

  #decided(running: Running, errno: number): void {
    const { attempt, address, socket } = running;
    this.#running = this.#running.filter((each) => each !== running);
    if (errno === 0) {
      this.#winner = socket;
      this.#eyeballs.connected(attempt, performance.now());
      return;
    }
    socket.close();
    const error = systemError('connect', errno, formatAddress(address));
    this.#eyeballs.failed(attempt, error, performance.now());
  }
}
