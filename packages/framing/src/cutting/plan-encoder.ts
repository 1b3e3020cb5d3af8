/** PlanEncoder: writes the frames of any framing, within the limit that its decoder has. */
import type { Encoder } from '../decoder.ts';
import { LocalProtocolError } from '../errors.ts';
import type { SendBuffer } from '../send-buffer.ts';
import type { CutPlan } from './cutter.ts';

/** Writes the frames of one stream. */
export class PlanEncoder<Frame> implements Encoder<Frame> {
  readonly #plan: CutPlan<Frame>;
  #isOver = false;

  constructor(plan: CutPlan<Frame>) {
    this.#plan = plan;
  }

  encode(frame: Frame, buffer: SendBuffer): void {
    const plan = this.#plan;
    if (this.#isOver) {
      throw new LocalProtocolError(
        'frame-invalid',
        'write a frame: the one before ends with the stream; close the stream, or use another framing',
      );
    }
    const length = plan.lengthOf(frame);
    if (length > plan.maxLength) {
      throw new LocalProtocolError(
        'frame-too-large',
        `write a frame of ${length} bytes: the limit is ${plan.maxLength}; raise maxLength on both sides`,
        { limit: { option: 'maxLength', value: plan.maxLength } },
      );
    }
    const at = buffer.reserve(length);
    try {
      plan.write(frame, buffer.bytes, at, length);
    } catch (error) {
      if (buffer.length === 0) buffer.clear(); // an empty buffer holds no memory
      throw error;
    }
    buffer.commit(length);
    this.#isOver = plan.endsStream(frame);
  }
}
