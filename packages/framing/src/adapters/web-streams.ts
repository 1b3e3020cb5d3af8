/**
 * Framings as streams of the web: `FrameDecoderStream` and `FrameEncoderStream`, to be piped through.
 *
 * ```
 *   writable --chunk--> waiting bytes --one frame for each that is asked for--> readable
 *      ^                     |
 *      '--- written when ----'  all its frames have been taken: that is the back-pressure
 * ```
 *
 * The decoder's two ends are made by hand: a `TransformStream` puts all the frames of a chunk into its queue, however
 * slowly they are read. Here the queue has what `highWaterMark` says, and the chunk waits. A stream that fails drops its
 * queue, so an error in the bytes waits, too, until the last frame before it has been read.
 *
 * The types are those of wherever this is compiled: the DOM's, or Node's. The declarations below merge with them, and
 * make this compile where there are none.
 */
import { NEED_DATA } from '../decoder.ts';
import type { Framing } from '../framing.ts';
import { Intake, type ReadOptions } from './intake.ts';
import { encodeWith } from './whole.ts';

declare global {
  interface ReadableStream<R> {
    readonly locked: boolean;
  }
  interface WritableStream<W> {
    readonly locked: boolean;
  }
}

/** Options of {@link FrameDecoderStream}. */
export interface FrameDecoderStreamOptions extends ReadOptions {
  /** How many frames may wait to be read. None unless told: each is decoded when it is asked for. */
  readonly highWaterMark?: number;
}

/** What this uses of the controller of a readable end. */
interface ReadableController<Frame> {
  readonly desiredSize: number | null;
  enqueue(frame: Frame): void;
  close(): void;
  error(reason: unknown): void;
}

/** What this uses of the controller of a writable end. */
interface WritableController {
  readonly signal: {
    readonly reason: unknown;
    addEventListener(type: 'abort', listener: () => void): void;
  };
  error(reason: unknown): void;
}

/** What this uses of the streams that every platform has and no common library declares. */
interface Platform {
  readonly ReadableStream: new <Frame>(
    source: {
      start(controller: ReadableController<Frame>): void;
      pull(): Promise<void> | undefined;
      cancel(reason: unknown): void;
    },
    strategy: { readonly highWaterMark: number },
  ) => ReadableStream<Frame>;
  readonly WritableStream: new (sink: {
    start(controller: WritableController): void;
    write(chunk: Uint8Array): Promise<void>;
    close(): Promise<void>;
  }) => WritableStream<Uint8Array>;
  readonly TransformStream: new <Frame>(transformer: {
    transform(frame: Frame, controller: ReadableController<Uint8Array>): void;
  }) => { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Frame> };
}

/**
 * Bytes in, frames out: the `TextDecoderStream` of frames.
 *
 * A bad frame that leaves the framing intact goes to `onError`, where there is one. Every other error is that of both
 * ends, behind the frames before it, so that a pipe cancels its source. A frame above the limit of a framing with `overlong: 'close'` closes
 * `readable` and ends the pipe.
 *
 * @example
 * ```ts
 * const response = await fetch('/log');
 * const reader = response.body.pipeThrough(new FrameDecoderStream(lines())).getReader();
 * const { value: line } = await reader.read();
 * ```
 */
export class FrameDecoderStream<Frame> {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Uint8Array>;

  constructor(framing: Framing<Frame>, options: FrameDecoderStreamOptions = {}) {
    const { ReadableStream, WritableStream } = platform();
    const { highWaterMark: asked = 0, ...reading } = options;
    // The room that is left says how many frames wait, unless there is room without end.
    const highWaterMark = Math.min(asked, Number.MAX_SAFE_INTEGER);
    const middle = new Middle(new Intake(framing, reading), highWaterMark);
    this.readable = new ReadableStream<Frame>(
      {
        start: (controller) => middle.readInto(controller),
        pull: () => middle.pull(),
        cancel: (reason) => middle.fail(reason),
      },
      { highWaterMark },
    );
    this.writable = new WritableStream({
      start: (controller) => middle.writeFrom(controller),
      write: (chunk) => middle.write(chunk),
      close: () => middle.close(),
    });
  }
}

/**
 * Frames in, bytes out: the `TextEncoderStream` of frames. Each frame is a chunk.
 *
 * A frame that cannot be written, `LocalProtocolError`, is the error of both ends.
 *
 * @example
 * ```ts
 * const { readable, writable } = new FrameEncoderStream(lengthPrefixed('u16'));
 * const writer = writable.getWriter();
 * void writer.write(bytes);
 * await fetch('/upload', { method: 'POST', body: readable, duplex: 'half' });
 * ```
 */
export class FrameEncoderStream<Frame> {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Frame>;

  constructor(framing: Framing<Frame>) {
    const encoder = framing.createEncoder();
    const { TransformStream } = platform();
    const { readable, writable } = new TransformStream<Frame>({
      transform(frame, controller) {
        controller.enqueue(encodeWith(encoder, frame));
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}

/** Whoever waits for a chunk to be used up. */
interface Writer {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** What is between the two ends of a decoding stream. */
class Middle<Frame> {
  readonly #intake: Intake<Frame>;
  #readable: ReadableController<Frame> | undefined;
  #writable: WritableController | undefined;
  /** Whether a frame has been asked for, and the call that waits for it when it has not come. */
  #isWanted = false;
  #pulled: (() => void) | undefined;
  #writer: Writer | undefined;
  #isOver = false;
  readonly #highWaterMark: number;
  /** The error that comes behind the frames that wait. */
  #failure: { readonly reason: unknown } | undefined;

  constructor(intake: Intake<Frame>, highWaterMark: number) {
    this.#intake = intake;
    this.#highWaterMark = highWaterMark;
  }

  /** The frames go there. */
  readInto(controller: ReadableController<Frame>): void {
    this.#readable = controller;
  }

  /** The chunks come from there. */
  writeFrom(controller: WritableController): void {
    this.#writable = controller;
    const { signal } = controller;
    // The sink itself would be told when the chunk that is being written has been used up, which may be never.
    signal.addEventListener('abort', () => this.#stop(signal.reason));
  }

  /** A frame is wanted. Resolves when there is one. */
  pull(): Promise<void> | undefined {
    this.#isWanted = true;
    if (this.#failure === undefined) this.#advance();
    else this.#failBehind(this.#failure.reason);
    if (!this.#isWanted || this.#isOver || this.#failure !== undefined) return undefined;
    return new Promise((resolve) => {
      this.#pulled = resolve;
    });
  }

  /** Bytes have come. Resolves when they are used up. */
  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer = { resolve, reject };
      try {
        this.#intake.feed(chunk);
        if (this.#isWanted) this.#advance();
      } catch (error) {
        this.#failBehind(error);
      }
    });
  }

  /** The last byte has come. What only the end completes is one frame, which may wait in the queue. */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer = { resolve, reject };
      this.#intake.end();
      while (!this.#isOver && this.#failure === undefined) this.#advance();
    });
  }

  /** Has both ends fail, if they are not over. */
  fail(reason: unknown): void {
    if (!this.#isOver) this.#writable?.error(reason);
    this.#stop(reason);
  }

  /** Has both ends fail when the frames that wait have been read. */
  #failBehind(reason: unknown): void {
    // No room is left, nor any frame, in a stream that is over.
    if ((this.#readable?.desiredSize ?? this.#highWaterMark) === this.#highWaterMark) {
      this.fail(reason);
      return;
    }
    this.#failure = { reason };
    // What is read meanwhile has to be heard of.
    this.#pulled?.();
    this.#pulled = undefined;
  }

  /** Ends all but the writable end, which fails by itself. */
  #stop(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#readable?.error(reason);
    this.#writer?.reject(reason);
    this.#writer = undefined;
    this.#pulled?.();
  }

  /** Gives one frame, and more while there is room for them. */
  #advance(): void {
    const readable = this.#readable;
    if (readable === undefined || this.#isOver) return;
    try {
      do {
        const frame = this.#intake.take();
        if (frame === NEED_DATA) {
          this.#useUp(readable);
          break;
        }
        this.#isWanted = false;
        readable.enqueue(frame);
        // Often a chunk is a frame. Who wrote it need not wait until the next one is asked for.
        if (this.#intake.isEmpty) this.#useUp(readable);
      } while (!this.#isOver && (readable.desiredSize ?? 0) > 0);
    } catch (error) {
      this.#failBehind(error);
    }
    if (this.#isWanted) return;
    this.#pulled?.();
    this.#pulled = undefined;
  }

  /** No frame is left in what has come. */
  #useUp(readable: ReadableController<Frame>): void {
    const writer = this.#writer;
    this.#writer = undefined;
    if (this.#intake.isOver) {
      this.#isOver = true;
      readable.close();
      this.#pulled?.();
      if (this.#intake.isClosed) {
        this.#writable?.error(
          new TypeError('write to a stream of frames: a frame above the limit has closed it'),
        );
      }
    }
    writer?.resolve();
  }
}

/** This platform's streams. */
function platform(): Platform {
  // Node, browsers and workers have had them for years; what is used of them is declared above.
  return globalThis as unknown as Platform;
}
