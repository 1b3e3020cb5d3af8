/**
 * switching: the framing changes in mid-stream, and what has come already goes on in the new one.
 *
 * ```
 *   | HELLO u32\n | length | content | length | content |
 *     lines         lengthPrefixed('u32')
 * ```
 */
import { NEED_DATA, type Encoder, type FrameDecoder, type NeedData } from '../decoder.ts';
import type { Framing } from '../framing.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import type { SendBuffer } from '../send-buffer.ts';

/**
 * Says which framing the frame after `frame` has; `undefined` leaves it as it is. It is asked once for each frame, by
 * the decoder of one side and the encoder of the other, when the frame is out. It must not throw.
 */
export type ChooseFraming<Frame> = (frame: Frame) => Framing<Frame> | undefined;

/**
 * A framing that changes: each frame may say how the next one ends.
 *
 * @example
 * ```ts
 * const text = lines();
 * const binary = lengthPrefixed('u32');
 * const framing = switching<string | Uint8Array>(text, (frame) =>
 *   frame === 'BINARY' ? binary : undefined,
 * );
 * ```
 */
export function switching<Frame>(
  first: Framing<Frame>,
  choose: ChooseFraming<Frame>,
): Framing<Frame> {
  return {
    createDecoder: () => new SwitchingDecoder(first, choose),
    createEncoder: () => new SwitchingEncoder(first, choose),
  };
}

class SwitchingDecoder<Frame> implements FrameDecoder<Frame> {
  readonly #choose: ChooseFraming<Frame>;
  #framing: Framing<Frame>;
  #decoder: FrameDecoder<Frame>;
  #hasEnded = false;

  constructor(first: Framing<Frame>, choose: ChooseFraming<Frame>) {
    this.#choose = choose;
    this.#framing = first;
    this.#decoder = first.createDecoder();
  }

  get closed(): boolean {
    return this.#decoder.closed;
  }

  decode(buffer: ReceiveBuffer): Frame | NeedData {
    const frame = this.#decoder.decode(buffer);
    if (frame === NEED_DATA) return NEED_DATA;
    const next = this.#choose(frame);
    if (next !== undefined && next !== this.#framing) {
      this.#framing = next;
      this.#decoder = next.createDecoder();
      if (this.#hasEnded) this.#decoder.end(buffer);
    }
    return frame;
  }

  end(buffer: ReceiveBuffer): void {
    this.#hasEnded = true;
    this.#decoder.end(buffer);
  }
}

class SwitchingEncoder<Frame> implements Encoder<Frame> {
  readonly #choose: ChooseFraming<Frame>;
  #framing: Framing<Frame>;
  #encoder: Encoder<Frame>;

  constructor(first: Framing<Frame>, choose: ChooseFraming<Frame>) {
    this.#choose = choose;
    this.#framing = first;
    this.#encoder = first.createEncoder();
  }

  encode(frame: Frame, buffer: SendBuffer): void {
    this.#encoder.encode(frame, buffer);
    const next = this.#choose(frame);
    if (next !== undefined && next !== this.#framing) {
      this.#framing = next;
      this.#encoder = next.createEncoder();
    }
  }
}
