/** Frames found in the plainest way, in bytes that are all there: what contestants are held against in tests. */
import type { Delimitation } from './condition.ts';

/** The contents of all frames in `bytes`, which are whole. */
export function plainFrames(delimitation: Delimitation, bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const { start, end, next } = placeOf(delimitation, { bytes, at });
    frames.push(bytes.subarray(start, end));
    at = next;
  }
  return frames;
}

/** Where the content of the frame at `at` begins and ends, and where the next frame does. */
function placeOf(
  delimitation: Delimitation,
  { bytes, at }: { readonly bytes: Buffer; readonly at: number },
): { start: number; end: number; next: number } {
  switch (delimitation) {
    case 'lines':
    case 'newline': {
      const end = bytes.indexOf('\n', at);
      return { start: at, end, next: end + 1 };
    }
    case 'varint': {
      let start = at;
      let length = 0;
      for (let weight = 1, more = true; more; weight *= 128) {
        const byte = bytes.readUInt8(start);
        length += (byte % 128) * weight;
        more = byte >= 128;
        start += 1;
      }
      return { start, end: start + length, next: start + length };
    }
    case 'u32': {
      const start = at + 4;
      const end = start + bytes.readUInt32BE(at);
      return { start, end, next: end };
    }
  }
}
