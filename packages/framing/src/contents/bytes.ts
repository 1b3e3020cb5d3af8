/** Content as the bytes that it is. */
import { describe } from '../check-bytes.ts';
import { copyBytes } from '../copy-bytes.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Content } from './content.ts';

/** 128 KiB, a chunk of 64 KiB and what was left of another: more is not held on to. */
const MAX_REMEMBERED = 128 * 1024;

class BytesContent implements Content<Uint8Array> {
  readonly keepsBytes = true;
  // What the memory of the last frame is: to ask takes longer than all else, and the next one is in it, too.
  #bytes: Uint8Array = new Uint8Array(0);
  #buffer: ArrayBufferLike = this.#bytes.buffer;
  #offset = 0;

  read(bytes: Uint8Array, start: number, end: number, owned: boolean): Uint8Array {
    if (!owned) return copyBytes(bytes, start, end);
    if (bytes === this.#bytes) {
      return new Uint8Array(this.#buffer, this.#offset + start, end - start);
    }
    const { length } = bytes;
    if (start === 0 && end === length) return bytes;
    const { buffer, byteOffset } = bytes;
    if (length <= MAX_REMEMBERED) {
      this.#bytes = bytes;
      this.#buffer = buffer;
      this.#offset = byteOffset;
    }
    return new Uint8Array(buffer, byteOffset + start, end - start);
  }

  lengthOf(value: Uint8Array): number {
    if (value instanceof Uint8Array) return value.length;
    throw new LocalProtocolError(
      'frame-invalid',
      `write bytes: ${describe(value)}, or give the framing content: text()`,
    );
  }

  write(value: Uint8Array, target: Uint8Array, at: number): void {
    target.set(value, at);
  }
}

const BYTES = new BytesContent();

/**
 * Bytes: what frames are unless told. Short frames that came together share their memory, as Node's buffers do: copy
 * one (`slice`) before you keep it for long, and before you transfer its `buffer` to a worker: others are in it, that may
 * not have come out yet.
 */
export function bytes(): Content<Uint8Array> {
  return BYTES;
}
