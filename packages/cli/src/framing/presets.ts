/**
 * The framings of well-known protocols, as `--framing` has them: messages are bytes.
 *
 * Most presets have frames of bytes. The others are listed here, and the compiler says which are missing.
 */
import { preset, PRESETS, type FramingOptions, type PresetName } from '@wireline/framing';
import { asOnWire, ofBytes, ofText, ofWholeBytes, type MessageFraming } from './message-framing.ts';

/** Frames of text. */
const OF_TEXT = ['irc', 'ndjson', 'nmea-0183'] as const;

/** Frames with a head and a body. */
const OF_PARTS = ['fastcgi', 'git-pkt-line', 'lsp', 'scgi', 'websocket'] as const;

/** Frames that say how the next one is framed: what is sent is the first. */
const SWITCHING = ['amqp-client', 'http2-client', 'postgres-client'] as const;

/** The names of the presets, as errors and the help list them. */
export const PRESET_NAMES = Object.keys(PRESETS).toSorted();

/** Whether there is a preset of that name. */
export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

/** The most bytes of a frame of a preset, unless told otherwise. */
export function presetMaxLength(name: PresetName): number {
  return PRESETS[name].maxLength;
}

/** The messages of a preset. */
export function presetMessages(name: PresetName, options: FramingOptions): MessageFraming {
  if (isOneOf(OF_TEXT, name)) return ofText(preset(name, options));
  if (isOneOf(OF_PARTS, name)) return asOnWire(preset(name, options));
  if (isOneOf(SWITCHING, name)) return ofWholeBytes(preset(name, options));
  return ofBytes(preset(name, options));
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((one) => one === name);
}
