/**
 * OutgoingParts: asks a source for part after part, and writes each, while there is room.
 *
 * The source is asked for the next part only when the one before it was written, so what it makes never piles
 * up. Once it is stopped it is asked for nothing more, and its `return` is called, so that `finally` blocks run.
 */
import { LocalProtocolError } from '@wireline/framing/decoder';
import { binaryMessage, jsonMessage, type OutgoingMessage } from '@wireline/message';

/** What parts are made by: what it yields are parts, what it returns is the last message, if it returns one. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- generators that return nothing say so with void
export type PartsSource = AsyncIterable<OutgoingMessage, OutgoingMessage | void>;

/** Where parts go. */
export interface PartsSink {
  /** The longest part that may be written. */
  readonly maxLength: number;
  /** Whether another part may be written; after `false`, `resume` says when to ask again. */
  readonly hasRoom: boolean;
  /** Writes a part that is not the last. */
  write(part: OutgoingMessage): void;
  /**
   * The source is done.
   *
   * @param last the last message: what it returned, or else one that has the type of its parts and no content
   */
  end(last: OutgoingMessage): void;
  /** The source failed, or a part of it could not be written. */
  fail(error: unknown): void;
  /** The source was stopped, and has cleaned up. */
  stopped(): void;
}

/**
 * 256 KiB: a part of bytes that is longer is sent in pieces, so that others have their turn between them. Where the
 * longest content is less, in pieces of that.
 */
export const MAX_PIECE = 256 * 1024;

/** 512 KiB or 64 parts: then the event loop has its turn, whatever the source could go on with. */
const TURN_BYTES = 512 * 1024;
const TURN_PARTS = 64;

/** One message's. */
export class OutgoingParts {
  readonly #iterator: ReturnType<PartsSource[typeof Symbol.asyncIterator]>;
  readonly #sink: PartsSink;
  #stopped = false;
  #wake: (() => void) | undefined;
  #first: OutgoingMessage | undefined;
  /** Written since the event loop had its turn. */
  #bytes = 0;
  #parts = 0;

  constructor(source: PartsSource, sink: PartsSink) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#sink = sink;
  }

  /** Begins. Called once. */
  start(): void {
    this.#run().catch((error: unknown) => {
      if (this.#stopped) return;
      this.stop();
      this.#sink.fail(error);
    });
  }

  /** There may be room again. */
  resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Asks the source for nothing more, and lets it clean up. Calling it again does nothing. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.resume();
    const stopped = (): void => this.#sink.stopped();
    // Nobody is left who would hear that its cleaning up failed.
    cleanUp(this.#iterator).then(stopped, stopped);
  }

  async #run(): Promise<void> {
    for (;;) {
      while (!this.#mayWrite) await this.#room();
      if (this.#stopped) return;
      const result = await this.#iterator.next();
      if (this.#stopped) return;
      if (result.done === true) {
        this.#end(result.value ?? undefined);
        return;
      }
      const waiting = this.#write(result.value);
      if (waiting !== undefined) await waiting;
    }
  }

  /** Whether nothing stands in the way. Asked right before each write: whoever awaits comes back to a changed world. */
  get #mayWrite(): boolean {
    return this.#stopped || (!this.#turnIsOver && this.#sink.hasRoom);
  }

  /** A source that always has a part, and a kernel that always takes it, would never let anybody else run. */
  get #turnIsOver(): boolean {
    return this.#bytes >= TURN_BYTES || this.#parts >= TURN_PARTS;
  }

  /** Resolves when it is worth to ask again. */
  async #room(): Promise<void> {
    if (!this.#turnIsOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      return;
    }
    this.#bytes = 0;
    this.#parts = 0;
    await new Promise((resolve) => setImmediate(resolve)); // promises alone let nobody else run
  }

  /** Writes a part: at once where it is short and there is room, as most are, otherwise piece by piece. */
  #write(part: OutgoingMessage): Promise<void> | undefined {
    this.#checkType(part);
    this.#first ??= part;
    const pieces = this.#piecesOf(part);
    if (pieces.length > 1 || !this.#mayWrite) return this.#writePieces(pieces);
    this.#writeOne(part);
    return undefined;
  }

  async #writePieces(pieces: readonly OutgoingMessage[]): Promise<void> {
    for (const piece of pieces) {
      while (!this.#mayWrite) await this.#room();
      if (this.#stopped) return;
      this.#writeOne(piece);
    }
  }

  /** The part, or if it is long bytes the pieces of it, of which the first has what else it says. */
  #piecesOf(part: OutgoingMessage): readonly OutgoingMessage[] {
    const most = Math.min(MAX_PIECE, this.#sink.maxLength);
    if (part.kind === 'json' || part.bytes.length <= most) return [part];
    const pieces: OutgoingMessage[] = [];
    for (let at = 0; at < part.bytes.length; at += most) {
      const extensions = at === 0 ? part.extensions : undefined;
      pieces.push({ ...part, bytes: part.bytes.subarray(at, at + most), extensions });
    }
    return pieces;
  }

  #writeOne(part: OutgoingMessage): void {
    this.#parts += 1;
    if (part.kind === 'binary') this.#bytes += part.bytes.length;
    this.#sink.write(part);
  }

  #end(last: OutgoingMessage | undefined): void {
    // An answer that has begun may end in an error, whatever it is made of.
    if (last !== undefined && !isErrorAnswer(last)) this.#checkType(last);
    this.#stopped = true;
    this.#sink.end(last ?? emptyLike(this.#first));
  }

  /** A message has one content type, whatever number of parts it has. */
  #checkType(part: OutgoingMessage): void {
    if (this.#first === undefined || typeOf(part) === typeOf(this.#first)) return;
    const problem = `write a part of the type ${typeOf(part)}: the first part's is ${typeOf(this.#first)}, and a message has one`;
    throw new LocalProtocolError('header-invalid', problem, { field: 'content-type' });
  }
}

/** Also where `return` throws at once: a rejection. */
async function cleanUp(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function isErrorAnswer(message: OutgoingMessage): boolean {
  return message.kind === 'json' && Object.hasOwn(message.value, 'error');
}

/** What ends a message whose parts were like `first`. */
function emptyLike(first: OutgoingMessage | undefined): OutgoingMessage {
  return first?.kind === 'binary'
    ? binaryMessage(new Uint8Array(), first.contentType)
    : jsonMessage({});
}

/** The content type on the wire. */
function typeOf(message: OutgoingMessage): string {
  return message.kind === 'json' ? 'text/json' : message.contentType;
}
