/**
 * BlockPool: memory blocks that go round among the streams of one thread.
 *
 * Owns the blocks nobody uses, up to a fixed number. Larger requests are met with fresh memory, which is
 * not kept: it came with one large frame and goes with it.
 */

import { memoryToFill } from './platform.ts';

/** 8 KiB: some fifty answers of a search; what one turn writes to one connection usually fits. */
const BLOCK_LENGTH = 8 * 1024;
/** 512 blocks of 8 KiB are 4 MiB a thread, enough for as many connections to be answered in one turn. */
const MAX_BLOCKS = 512;

/** Options of {@link BlockPool}. */
export interface BlockPoolOptions {
  /** Bytes in a block; 8 KiB unless told. */
  readonly blockLength?: number;
  /** The most unused blocks to keep; 512 unless told. */
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
    if (minLength > this.blockLength) return memoryToFill(minLength);
    return this.#blocks.pop() ?? new Uint8Array(this.blockLength);
  }

  /** Takes memory back; keeps it if it is a block and the stock is not full. */
  give(block: Uint8Array): void {
    if (block.length === this.blockLength && this.#blocks.length < this.maxBlocks) {
      this.#blocks.push(block);
    }
  }
}
