/**
 * An opening: bytes that a stream begins with and that are always the same. A stream that begins otherwise is of
 * another protocol, so nothing later in it is parsed.
 */
import type { Content } from '../contents/content.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import { fixedLength } from '../framings/fixed-length.ts';

/** One frame that is `expected`; anything else is refused with code `content-invalid`, and the framing is lost. */
export function opening(expected: Uint8Array, protocol: string): ComposableFraming<Uint8Array> {
  const content: Content<Uint8Array> = {
    keepsBytes: false,
    read(bytes, start, end) {
      const read = bytes.slice(start, end);
      if (sameBytes(read, expected)) return read;
      throw new FrameFault('content-invalid', `read the opening of ${protocol}: it is another`, {
        framing: 'lost',
        field: 'opening',
      });
    },
    lengthOf(value) {
      if (sameBytes(value, expected)) return value.length;
      throw new LocalProtocolError(
        'frame-invalid',
        `write the opening of ${protocol}: these are other bytes; encode the opening first`,
      );
    },
    write: (value, target, at) => target.set(value, at),
  };
  return fixedLength(expected.length, { content });
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
