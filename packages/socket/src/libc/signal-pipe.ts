/**
 * Signals that have come and whose JavaScript handler has not run: libuv's handler writes each of them into a
 * pipe of its own, from which Node's loop takes them when it comes round.
 *
 * A thread that is about to block does not come round. So it looks: into the pipes that have both ends in this
 * process (/proc/self says which), of which libuv's is one, there from the beginning and to the end. What is in
 * them is copied with tee(2), which takes nothing out. A message is 16 bytes:
 *
 * ```
 * uv__signal_msg_t  |handle *|signal i32|padding|
 * ```
 *
 * Imperfect: that is libuv's own affair and may change. Where no message of that form is found, such a signal is
 * heard when the thread comes round.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import type Koffi from 'koffi';
import { BACKGROUND_SIGNALS } from './background-signals.ts';

type KoffiModule = typeof Koffi;
type ForeignCall = (...values: unknown[]) => number;

/** SIGRTMAX. */
const LAST_SIGNAL = 64;

const MESSAGE = 16;
const SIGNAL_OFFSET = 8;

/** More than a program has pending; what is beyond comes with the next look. */
const MOST_MESSAGES = 64;

const O_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const SPLICE_F_NONBLOCK = 2;

/** A function that says whether a signal waits that is the program's business. For the main thread. */
export function declareSignalWaits(koffi: KoffiModule): () => boolean {
  let look: (() => boolean) | undefined;
  // Made on first use: few programs block and handle signals.
  return () => (look ??= makeLook(koffi))();
}

function makeLook(koffi: KoffiModule): () => boolean {
  const pipes = ownPipes();
  const program = koffi.load(null);
  const pipe2: ForeignCall = program.func('int pipe2(void *fds, int flags)');
  const tee: ForeignCall = program.func(
    'long tee(int from, int to, size_t length, uint32_t flags)',
  );
  const read: ForeignCall = program.func('long read(int fd, void *buffer, size_t length)');
  const copy = new Int32Array(2); // its two ends stay open with the process
  if (pipe2(copy, O_NONBLOCK_CLOEXEC) !== 0) return () => false;
  const messages = new Uint8Array(MESSAGE * MOST_MESSAGES);

  return () =>
    pipes.some((pipe) => {
      if (tee(pipe, copy[1], messages.length, SPLICE_F_NONBLOCK) <= 0) return false;
      const length = read(copy[0], messages, messages.length);
      return hasSignal(messages.subarray(0, Math.max(length, 0)));
    });
}

/** Whether one of the messages tells of a signal that is the program's business. */
function hasSignal(messages: Uint8Array): boolean {
  if (messages.length % MESSAGE !== 0) return false; // what else is in pipes
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
  for (let at = SIGNAL_OFFSET; at < messages.length; at += MESSAGE) {
    const signal = view.getInt32(at, true);
    const isSignal = signal > 0 && signal <= LAST_SIGNAL;
    if (isSignal && !BACKGROUND_SIGNALS.includes(signal)) return true;
  }
  return false;
}

/** The ends to read from of the pipes that have both ends here: the lower number of each, as pipe(2) gives them. */
function ownPipes(): number[] {
  try {
    const ends = new Map<string, number[]>();
    for (const fd of readdirSync('/proc/self/fd')) {
      const link = linkOf(fd);
      if (link?.startsWith('pipe:') !== true) continue;
      ends.set(link, [...(ends.get(link) ?? []), Number(fd)]);
    }
    return [...ends.values()].filter((each) => each.length === 2).map((each) => Math.min(...each));
  } catch {
    return []; // no /proc here: nobody looks
  }
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined; // the one that read the folder
  }
}
