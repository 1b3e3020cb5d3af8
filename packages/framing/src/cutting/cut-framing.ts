/** CutFraming: the framing that a plan makes. */
import type { Encoder, FrameDecoder } from '../decoder.ts';
import type { ComposableFraming, Piece } from '../framing.ts';
import type { CutPlan } from './cutter.ts';
import { CuttingDecoder } from './cutting-decoder.ts';
import { PieceDecoder } from './piece-decoder.ts';
import { PlanEncoder } from './plan-encoder.ts';

/** All framings that can be part of others. */
export class CutFraming<Frame> implements ComposableFraming<Frame> {
  readonly plan: CutPlan<Frame>;
  readonly maxLength: number;

  constructor(plan: CutPlan<Frame>) {
    this.plan = plan;
    this.maxLength = plan.maxLength;
  }

  createDecoder(): FrameDecoder<Frame> {
    return new CuttingDecoder(this.plan);
  }

  createPieceDecoder(): FrameDecoder<Piece> {
    return new PieceDecoder(this.plan);
  }

  createEncoder(): Encoder<Frame> {
    return new PlanEncoder(this.plan);
  }
}
