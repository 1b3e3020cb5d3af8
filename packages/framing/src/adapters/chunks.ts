/**
 * Chunks: where the bytes of a stream come from, whatever shape that has, as an async iterator.
 *
 * Async iterables are taken as they are: the awaited `Socket`, streams of Node's, bodies of `fetch`. What can only be
 * iterated in step is asked in step, each chunk in a promise. A `ReadableStream` of a browser that cannot iterate over
 * it is read through its reader.
 */

/** The part of a web stream that is read from; each `ReadableStream` of bytes has it. */
export interface ReadableChunks {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
    /** Lets somebody else have the stream. All readers of the platform can; one that cannot keeps it. */
    releaseLock?(): void;
  };
}

/**
 * What bytes can be read from: anything that gives them in chunks. A socket of `@wireline/socket/promises`, a stream of
 * Node's without `setEncoding`, the body of a `Response`, an array of chunks.
 */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableChunks;

/** The chunks of a source, each asked for when the one before is used up. */
export type Chunks = AsyncIterator<Uint8Array, unknown, undefined>;

/**
 * The chunks of `source`. Nothing is asked for yet.
 *
 * @throws TypeError when it gives none, by its looks.
 */
export function chunksOf(source: ByteSource): Chunks {
  // Text and bytes can be iterated over, too, and give something else than chunks.
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return inStep(source[Symbol.iterator]());
    if ('getReader' in source) return new ReaderChunks(source.getReader());
  }
  const advice = ArrayBuffer.isView(source)
    ? 'pass an array of chunks, [bytes], or use decodeFrames'
    : 'pass an AsyncIterable or Iterable of Uint8Array';
  throw new TypeError(`read from a source: it is ${nameOf(source)}; ${advice}`);
}

/** Leaves the source of `chunks` open, for somebody else. No chunk is being waited for, nor is asked for later. */
export function letGo(chunks: Chunks): void {
  if (chunks instanceof ReaderChunks) chunks.letGo();
}

/**
 * Checks that a chunk is bytes.
 *
 * @throws TypeError that says what came and what to do.
 */
export function checkChunk(chunk: Uint8Array): void {
  if (ArrayBuffer.isView(chunk) && chunk.BYTES_PER_ELEMENT === 1) return;
  const advice =
    typeof chunk === 'string'
      ? 'read bytes: without setEncoding() or TextDecoderStream'
      : 'pass a Uint8Array';
  throw new TypeError(`read a chunk: it is ${nameOf(chunk)}; ${advice}`);
}

/** What a value is, for messages: `a string`, `an Object`, `null`. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === 'object' ? (value.constructor?.name ?? 'Object') : typeof value;
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function inStep(iterator: Iterator<Uint8Array, unknown>): Chunks {
  return {
    async next() {
      return iterator.next();
    },
    async return() {
      return iterator.return?.() ?? { done: true, value: undefined };
    },
  };
}

/** The chunks of a stream that is locked while it is read, and no longer. */
class ReaderChunks implements Chunks {
  readonly #reader: ReturnType<ReadableChunks['getReader']>;

  constructor(reader: ReturnType<ReadableChunks['getReader']>) {
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    let isOpen = false;
    try {
      const { done, value } = await this.#reader.read();
      isOpen = !done;
      // A reader that is not done has a value.
      return done ? { done, value: undefined } : { done, value: value as Uint8Array };
    } finally {
      if (!isOpen) this.letGo();
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      await this.#reader.cancel();
    } finally {
      this.letGo();
    }
    return { done: true, value: undefined };
  }

  letGo(): void {
    this.#reader.releaseLock?.();
  }
}
