/**
 * Preset: the framing of a well-known protocol, with where it is written down and why its limit is what it is.
 *
 * What all presets keep to:
 *
 * - Where the length stands in front of everything it is gone from the frames, and the encoder writes it. Where a type
 *   or a channel stands before it, frames are whole, and the encoder fills the length in.
 * - A preset cuts. It does not say whether a type is known or a check sum right, which is for whoever reads the frame.
 * - `maxLength` counts the whole frame on the wire. It is what the protocol allows; where that is nothing, or more than
 *   anybody sends, it is what well-known software allows.
 * - A name that ends in `-client` is of a protocol whose client begins otherwise than it goes on: it frames what the
 *   client sends, from its first byte. The name without is for what the server sends.
 */
import type { Framing } from '../framing.ts';
import type { FramingOptions } from '../limits.ts';

/** What there is to know about a preset. */
export interface PresetFacts {
  /** What the protocol is called. */
  readonly title: string;
  /** Where its framing is written down: the RFC with its section, or the protocol's own specification. */
  readonly source: string;
  /** The most bytes of one frame on the wire, unless told otherwise. */
  readonly maxLength: number;
  /** Where `maxLength` comes from. */
  readonly limit: string;
}

/** The framing of a well-known protocol. */
export interface Preset<Result extends Framing<unknown>> extends PresetFacts {
  /**
   * The framing.
   *
   * @throws RangeError when `maxLength` is no whole number above 0.
   */
  create(options?: FramingOptions): Result;
}

/** A preset that makes its framing with `build`, which gets the limit of `facts` where the user gives none. */
export function definePreset<Result extends Framing<unknown>>(
  facts: PresetFacts,
  build: (options: FramingOptions & { readonly maxLength: number }) => Result,
): Preset<Result> {
  return {
    ...facts,
    create: (options = {}) =>
      build({ ...options, maxLength: options.maxLength ?? facts.maxLength }),
  };
}
