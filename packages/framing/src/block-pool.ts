/**
 * BlockPool: memory blocks that go round among the streams of one thread.
 *
 * Owns the blocks nobody uses, up to a fixed number. Larger requests are met with fresh memory, which is
 * not kept: it came with one large frame and goes with it.
 */

/** 16 KiB: some sixty answers of a search; a page-sized multiple that the allocator likes. */
const BLOCK_LENGTH = 16 * 1024;
/** 64 blocks of 16 KiB are 1 MiB a thread, enough for as many connections to be mid-answer at once. */
const MAX_BLOCKS = 64;

/** Options of {@link BlockPool}. */
export interface BlockPoolOptions {
  /** Bytes in a block; 16 KiB unless told. */
  readonly blockLength?: number;
  /** The most unused blocks to keep; 64 unless told. */
  readonly maxBlocks?: number;
}

/** A bounded stock of equal blocks of memory. */
export class BlockPool {
  readonly blockLength: number;
  readonly maxBlocks: number;
  readonly #blocks: Uint8Array[] = [];

  constructor(options: BlockPoolOptions = {}) {
    this.blockLength = options.blockLength ?? BLOCK_LENGTH;
    this.maxBlocks = options.maxBlocks ?? MAX_BLOCKS;
  }

  /** Returns at least `minLength` bytes with undefined contents: a block where it fits. */
  take(minLength: number): Uint8Array {
    if (minLength > this.blockLength) return new Uint8Array(minLength);
    return this.#blocks.pop() ?? new Uint8Array(this.blockLength);
  }

  /** Takes memory back; keeps it if it is a block and the stock is not full. */
  give(block: Uint8Array): void {
    if (block.length === this.blockLength && this.#blocks.length < this.maxBlocks) {
      this.#blocks.push(block);
    }
  }
}
