/**
 * Presets: the framings of well-known protocols by name.
 *
 * The table says where each is written down and why its limit is what it is; `captured/` has bytes that programs sent,
 * and each preset is held against them. What is not here is made of the same functions: read `tools.ts` for examples.
 */
import type { FramingOptions } from '../limits.ts';
import { BROKER_PRESETS } from './brokers.ts';
import { DATABASE_PRESETS } from './databases.ts';
import { DEVICE_PRESETS } from './devices.ts';
import { INTERNET_PRESETS } from './internet.ts';
import { TOOL_PRESETS } from './tools.ts';
import { WEB_PRESETS } from './web.ts';

/** All presets by name. */
export const PRESETS = {
  ...BROKER_PRESETS,
  ...DATABASE_PRESETS,
  ...DEVICE_PRESETS,
  ...INTERNET_PRESETS,
  ...TOOL_PRESETS,
  ...WEB_PRESETS,
} as const;

/** The names of the presets. */
export type PresetName = keyof typeof PRESETS;

/** The framing that a preset makes. */
export type PresetFraming<Name extends PresetName> = ReturnType<(typeof PRESETS)[Name]['create']>;

/**
 * The framing of a well-known protocol. Its limit is the protocol's own unless `maxLength` says otherwise; `PRESETS`
 * says what that is and where it comes from.
 *
 * @throws RangeError when there is no preset of that name, or `maxLength` is no whole number above 0.
 * @example
 * ```ts
 * const decoder = preset('kafka', { maxLength: 1024 * 1024 }).createDecoder();
 * ```
 */
export function preset<Name extends PresetName>(
  name: Name,
  options: FramingOptions = {},
): PresetFraming<Name> {
  if (!Object.hasOwn(PRESETS, name)) {
    const names = Object.keys(PRESETS).toSorted().join(', ');
    throw new RangeError(
      `find the preset '${name}': there is none of that name; take one of ${names}`,
    );
  }
  // TypeScript does not follow that the entry of a name makes what the type of that name says.
  return PRESETS[name].create(options) as PresetFraming<Name>;
}
