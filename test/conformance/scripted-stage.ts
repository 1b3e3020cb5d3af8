/**
 * ScriptedStage: a socket of either face over a scripted kernel, and a script that both can play.
 *
 * A script is what the kernel answers, call by call, in order. A face waits in its own way, the one in
 * `poll`, the other in a turn of the event loop; a script says `waits('recv')`, and each stage knows what
 * that is: the call finds that it would block, and then the socket becomes ready.
 *
 * `waitsForMore` is the same behind a part that was received or sent. There the awaited face knows that the
 * kernel has no more, and waits without asking; the blocking one asks, and with `goesOn` finds that it has.
 *
 * A time-out is an answer of `poll` for the one; the other asks once more when its timer rings. So is a signal;
 * the other has its event loop interrupted.
 *
 * Time stands still unless a wait takes some.
 */
import { Socket, type ErrnoName } from '@wireline/socket';
import { ScriptedKernel, type ScriptedStep } from '@wireline/socket/testing';
import { onTestFinished, vi } from 'vitest';
import { ALWAYS, AwaitedScene, FD, HUNG_UP, READABLE, settle, WRITABLE } from './awaited-scene.ts';
import type { Face, FaceSocket } from './face.ts';

/** Calls that can find that they have to wait. */
export type WaitingCall =
  'recv' | 'recvfrom' | 'recvmsg' | 'send' | 'sendto' | 'sendmsg' | 'accept4' | 'connect';

/** How a wait goes. */
export interface WaitOptions {
  /** How long it takes; no time unless told. */
  readonly ms?: number;
  /** What ends it; the socket becomes ready unless told. */
  readonly ends?: 'ready' | 'hung up' | 'time-out' | 'signal';
  /** What the kernel says before it; EINPROGRESS or EAGAIN unless told. */
  readonly says?: ErrnoName;
  /** What happens while it waits. */
  readonly during?: () => void;
}

/** A wait in a script. */
export interface Wait extends WaitOptions {
  readonly waits: WaitingCall;
  /** Whether a part was received or sent, so that a face may wait without asking. */
  readonly isBehindPart: boolean;
  /** Whether a face that asks finds that it need not wait. */
  readonly isReady: boolean;
}

/** A part of a script: an answer of the kernel's, or a wait. */
export type Move = ScriptedStep | Wait;

/** The call finds that it would block, and waits. */
export function waits(call: WaitingCall, options: WaitOptions = {}): Wait {
  return { ...options, waits: call, isBehindPart: false, isReady: false };
}

/** A part was received or sent, and the call waits for the rest. */
export function waitsForMore(call: WaitingCall, options: WaitOptions = {}): Wait {
  return { ...options, waits: call, isBehindPart: true, isReady: false };
}

/** A part was received or sent, and there is more to receive, or room to send, at once. */
export function goesOn(call: WaitingCall): Wait {
  return { waits: call, isBehindPart: true, isReady: true };
}

/** A socket and its kernel. */
export interface ScriptedStage {
  readonly kernel: ScriptedKernel;
  readonly socket: FaceSocket;
  /**
   * Makes `call` while the kernel follows the script, and settles as the call does.
   *
   * @throws Error when the script was not played to its end, another call was made, or something is left
   * behind: whatever the call itself does.
   */
  play<T>(script: readonly Move[], call: (socket: FaceSocket) => T): Promise<Awaited<T>>;
}

/** A stage for one test, with a stream socket. */
export function scriptedStage(face: Face): ScriptedStage {
  return face.name === 'blocking' ? new BlockingStage() : new AwaitedStage();
}

/** What each call waits for. */
const READINESS = {
  recv: READABLE,
  recvfrom: READABLE,
  recvmsg: READABLE,
  send: WRITABLE,
  sendto: WRITABLE,
  sendmsg: WRITABLE,
  accept4: READABLE,
  connect: WRITABLE,
} as const;

/** The answers of poll(2). */
const POLLED = {
  ready: { returns: 1 },
  'hung up': { returns: 1 },
  'time-out': { returns: 0 },
  signal: { fails: 'EINTR' },
} as const;

class BlockingStage implements ScriptedStage {
  readonly kernel = new ScriptedKernel({ always: ALWAYS });
  readonly socket = new Socket({ libc: this.kernel.libc });
  #now = 1_000;

  constructor() {
    const now = vi.spyOn(performance, 'now').mockImplementation(() => this.#now);
    onTestFinished(() => {
      this.socket.close();
      now.mockRestore();
    });
  }

  async play<T>(script: readonly Move[], call: (socket: FaceSocket) => T): Promise<Awaited<T>> {
    this.kernel.expect(...script.flatMap((move) => this.#steps(move)));
    try {
      return await call(this.socket);
    } finally {
      this.kernel.done();
    }
  }

  #steps(move: Move): readonly ScriptedStep[] {
    if (!('waits' in move)) return [move];
    return move.isReady ? [] : [wouldBlock(move), this.#poll(move)];
  }

  #poll(wait: Wait): ScriptedStep {
    const expected = READINESS[wait.waits];
    return {
      call: 'poll',
      ...POLLED[wait.ends ?? 'ready'],
      during: ([pollfd, count, timeoutMs]) => {
        // The arguments of poll, as Libc has them.
        const [fd, events] = pollfd as Int32Array;
        if (fd !== FD || events !== expected || count !== 1) {
          throw new Error(`poll ${fd} for ${events}: expected ${FD} for ${expected}`);
        }
        if (wait.ends === 'time-out' && timeoutMs !== wait.ms) {
          throw new Error(`poll ${fd} for ${String(timeoutMs)} ms: expected ${wait.ms} ms`);
        }
        this.#now += wait.ms ?? 0;
        wait.during?.();
      },
    };
  }
}

class AwaitedStage implements ScriptedStage {
  readonly #scene = new AwaitedScene();
  readonly kernel = this.#scene.kernel;
  readonly socket = this.#scene.socket;

  async play<T>(script: readonly Move[], call: (socket: FaceSocket) => T): Promise<Awaited<T>> {
    const [before, ...behind] = acts(script);
    this.kernel.expect(...before.steps);
    const state = { settled: false };
    const called = (async (): Promise<Awaited<T>> => {
      try {
        return await call(this.socket);
      } finally {
        state.settled = true;
      }
    })();
    called.catch(() => {}); // told when the script is over
    await settle();
    for (const { wait, steps } of behind) {
      this.kernel.done();
      if (asksOnceMore(wait)) this.kernel.expect(wouldBlock(wait));
      this.kernel.expect(...steps);
      await this.#end(wait);
    }
    this.kernel.done();
    if (!state.settled) throw new Error('play a script: the call still waits at its end');
    if (this.#scene.clock.pending > 0) throw new Error('play a script: a timer was left behind');
    return called;
  }

  async #end({ waits: call, ms = 0, ends = 'ready', during }: Wait): Promise<void> {
    during?.();
    this.#scene.clock.advance(ms);
    if (ends === 'signal') this.#scene.loop.interrupt();
    if (ends === 'signal' || ends === 'time-out') await settle();
    else await this.#scene.turn(READINESS[call] | (ends === 'ready' ? 0 : HUNG_UP));
  }
}

/** Whether the awaited face asks when the time is over: what came while the thread was busy is in time. */
function asksOnceMore({ waits: call, ends }: Wait): boolean {
  return ends === 'time-out' && READINESS[call] === READABLE;
}

/** What the kernel answers behind a wait, until the next one. */
interface Act {
  readonly wait: Wait;
  readonly steps: ScriptedStep[];
}

/** What it answers before the first wait, and then each wait with what comes behind it. */
function acts(script: readonly Move[]): [{ readonly steps: ScriptedStep[] }, ...Act[]] {
  const found: [{ readonly steps: ScriptedStep[] }, ...Act[]] = [{ steps: [] }];
  for (const move of script) {
    const { steps } = found[found.length - 1] ?? found[0];
    if (!('waits' in move)) {
      steps.push(move);
      continue;
    }
    if (!move.isBehindPart) steps.push(wouldBlock(move));
    found.push({ wait: move, steps: [] });
  }
  return found;
}

function wouldBlock({ waits: call, says }: Wait): ScriptedStep {
  return { call, fails: says ?? (call === 'connect' ? 'EINPROGRESS' : 'EAGAIN') };
}
