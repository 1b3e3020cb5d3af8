/**
 * AwaitedScene: a socket of the awaited face over a scripted kernel, an event loop whose turns the test
 * plays, and a clock that it moves.
 */
import { EventLoop } from '@wireline/socket/event-loop';
import { Socket } from '@wireline/socket/promises';
import { ManualClock, ScriptedKernel } from '@wireline/socket/testing';
import { onTestFinished } from 'vitest';

/** The descriptor of the socket. */
export const FD = 5;

/** What no script is about: opening, closing, and telling epoll what to watch. */
export const ALWAYS = {
  socket: { returns: FD },
  close: { returns: 0 },
  epollCreate1: { returns: 100 },
  epollCtl: { returns: 0 },
} as const;

/** Readiness, as poll(2) and epoll_ctl(2) have it. */
export const READABLE = 0x1;
/** The same for writing. */
export const WRITABLE = 0x4;
/** What both report without being asked. */
export const HUNG_UP = 0x8 | 0x10;

/** A socket and all that it is among. */
export class AwaitedScene {
  readonly kernel = new ScriptedKernel({ always: ALWAYS });
  readonly clock = new ManualClock();
  readonly loop: EventLoop;
  readonly socket: Socket;

  constructor() {
    const { libc } = this.kernel;
    this.loop = new EventLoop({ libc });
    this.socket = new Socket({ libc, loop: this.loop, clock: this.clock });
    onTestFinished(() => {
      this.socket.close();
      this.loop.close();
    });
  }

  /** Plays a turn in which the socket is ready in these ways. As with epoll, only for what was asked. */
  async turn(bits: number): Promise<void> {
    const { interest } = this;
    const asked = bits & (interest | HUNG_UP);
    if (asked !== bits) throw new Error(`play a turn: ready for ${bits}, waits for ${interest}`);
    await this.kernel.turn({ fd: FD, bits });
  }

  /** What epoll was last told to watch the socket for; 0 for nothing but a hang-up. */
  get interest(): number {
    const change = this.kernel.calls.findLast(
      ({ call, arguments: values }) => call === 'epollCtl' && values[2] === FD,
    );
    return Number(change?.arguments[3] ?? 0);
  }

  /** How many system calls of this name were made. */
  count(name: string): number {
    return this.kernel.calls.filter(({ call }) => call === name).length;
  }
}

/** Lets promises settle, and a turn of Node's loop pass. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
