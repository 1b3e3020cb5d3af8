/**
 * The framings of well-known protocols, as `--framing` has them: messages are bytes.
 *
 * Most presets have frames of bytes. The others are listed here, and the compiler says which are missing.
 *
 * What a message is follows from the framing: what it takes off is not part of it. A length that stands in front of
 * everything is taken off, and what stood behind it is all of the message or begins with a head. A length behind a type
 * stays, and so do heads: then the message is the whole frame.
 */
import { preset, PRESETS, type FramingOptions, type PresetName } from '@wireline/framing';
import { asOnWire, ofBytes, ofText, ofWholeBytes, type MessageFraming } from './message-framing.ts';

/** Frames of text. */
const OF_TEXT = ['irc', 'ndjson', 'nmea-0183'] as const;

/** Frames with a head and a body. */
const OF_PARTS = ['fastcgi', 'git-pkt-line', 'lsp', 'scgi', 'websocket'] as const;

/** Frames that say how the next one is framed: what is sent is the first. */
const SWITCHING = ['amqp-client', 'http2-client', 'postgres-client'] as const;

/** Messages that are whole frames, as they are on the wire. */
const WHOLE: ReadonlySet<PresetName> = new Set<PresetName>([
  ...OF_PARTS,
  'amqp',
  'amqp-client',
  'bgp',
  'grpc',
  'modbus-tcp',
  'mqtt',
  'postgres',
  'postgres-client',
  'stun',
  'tls',
]);

/** Messages that are frames without their length: what stands behind that has a head. */
const WITHOUT_LENGTH: ReadonlySet<PresetName> = new Set<PresetName>([
  '9p',
  'http2',
  'http2-client',
  'mongodb',
  'mysql',
]);

/** Messages that are lines. */
const LINES: ReadonlySet<PresetName> = new Set<PresetName>([...OF_TEXT, 'smtp']);

/** What a message of a preset is: what is said in it, a frame without its length, or a whole one. */
export type PresetMessage = 'content' | 'without-length' | 'whole';

/** What a message of the preset is. */
export function presetMessage(name: PresetName): PresetMessage {
  if (WHOLE.has(name)) return 'whole';
  return WITHOUT_LENGTH.has(name) ? 'without-length' : 'content';
}

/** Whether a message of the preset is a line. */
export function isPresetOfLines(name: PresetName): boolean {
  return LINES.has(name);
}

/** The names of the presets, as errors and the help list them. */
export const PRESET_NAMES = Object.keys(PRESETS).filter(isPresetName).toSorted();

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
