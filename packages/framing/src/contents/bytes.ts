/** Content as the bytes that it is. */
import { copyBytes } from '../copy-bytes.ts';
import type { Content } from './content.ts';

const BYTES: Content<Uint8Array> = {
  keepsBytes: true,
  read(bytes, start, end, owned) {
    if (!owned) return copyBytes(bytes, start, end);
    if (start === 0 && end === bytes.length) return bytes;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  },
  lengthOf: (value) => value.length,
  write: (value, target, at) => target.set(value, at),
};

/**
 * Bytes: what frames are unless told. Short frames that came together share their memory, as Node's buffers do: copy
 * one (`slice`) before you keep it for long, or transfer its `buffer` to a worker.
 */
export function bytes(): Content<Uint8Array> {
  return BYTES;
}
