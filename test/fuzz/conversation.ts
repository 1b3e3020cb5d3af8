/**
 * Conversations: what one run of the subject `streams` is made from, drawn, built and described.
 *
 * A conversation is several connections to one server, each with the frames that its peer sends and the way
 * in which they arrive.
 */
import { DEFAULT_LIMITS, type Limits } from '@wireline/message';
import fc from 'fast-check';
import { joinBytes } from './bytes.ts';
import {
  buildFrame,
  describeFrame,
  QUIRKS,
  type FrameRecipe,
  type JunkRecipe,
  type MessageRecipe,
  type Style,
} from './frames.ts';
import { LOSES_FRAMING, readStream } from './model.ts';
import { CONTENT_MUTATIONS, FRAME_MUTATIONS, type Damage, type MutationName } from './mutations.ts';
import {
  CONTENT_KEYS,
  CONTENT_TYPES,
  CONTENT_VALUES,
  ENCODINGS,
  EXTENSION_KEYS,
  EXTENSION_VALUES,
  OTHER_PROTOCOLS,
  pick,
  SPACINGS,
} from './vocabulary.ts';

/** One connection: what its peer sends, and how that arrives. */
export interface Stream {
  readonly frames: readonly FrameRecipe[];
  /** Lengths of chunks, over and over; none for one chunk. */
  readonly chunks: readonly number[];
  /** Whether chunks are received into the shared buffer; else they are appended. */
  readonly received: boolean;
  /** So many bytes are missing at the end. */
  readonly missing: number;
}

/** What one run is made from. */
export interface Conversation {
  /** Which of {@link LIMITS}. */
  readonly limits: number;
  readonly styles: readonly Style[];
  /** Which of {@link SCRATCH_LENGTHS}. */
  readonly scratchLength: number;
  readonly streams: readonly Stream[];
}

/** The usual limits; such that most messages just fit; such that many do not. */
export const LIMITS: readonly Limits[] = [
  DEFAULT_LIMITS,
  { maxHeaderLength: 200, maxContentLength: 300 },
  { maxHeaderLength: 140, maxContentLength: 20 },
];

/** What an event loop has, and so little that streams need stores of their own. */
export const SCRATCH_LENGTHS = [64 * 1024, 512, 16];

/** Draws conversations. */
export function conversations(): fc.Arbitrary<Conversation> {
  return fc.record({
    limits: mostlyFirst(LIMITS),
    styles: fc.array(stylesOfHeaders(), { minLength: 1, maxLength: 2 }),
    scratchLength: indexIn(SCRATCH_LENGTHS),
    streams: fc.array(
      fc.record<Stream>({
        frames: fc.array(frames(), { maxLength: 8 }),
        chunks: fc.array(fc.nat(250), { maxLength: 4 }),
        received: fc.boolean(),
        missing: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(150)),
      }),
      { maxLength: 4 },
    ),
  });
}

function stylesOfHeaders(): fc.Arbitrary<Style> {
  return fc.record({
    byteorder: fc.nat(1),
    type: mostlyFirst(CONTENT_TYPES),
    encoding: mostlyFirst(ENCODINGS),
    spacing: indexIn(SPACINGS),
    order: fc.nat(31),
    quirk: mostlyFirst(QUIRKS),
    extensions: fc.array(fc.tuple(indexIn(EXTENSION_KEYS), indexIn(EXTENSION_VALUES)), {
      maxLength: 3,
    }),
  });
}

/**
 * Most frames are whole or break in their content: what stands behind another one is not read. Lists may be
 * empty, here and elsewhere: fast-check does not drop the last items of one that may not.
 */
function frames(): fc.Arbitrary<FrameRecipe> {
  const inContent = fc.array(damages(CONTENT_MUTATIONS), { maxLength: 2 });
  // Lengths are what the framing hangs on: their spelling is tried more often than its share.
  const ofFrame = [...FRAME_MUTATIONS, 'respell-length', 'respell-length'] as const; // names, not strings
  const inFrame = fc.array(damages(ofFrame), { maxLength: 2 });
  return fc.oneof(
    { weight: 10, arbitrary: messages(inContent) },
    { weight: 8, arbitrary: messages(inFrame) },
    { weight: 1, arbitrary: junk() },
  );
}

function messages(drawn: fc.Arbitrary<readonly Damage[]>): fc.Arbitrary<MessageRecipe> {
  return fc.record({
    style: fc.nat(1),
    id: fc.oneof(fc.nat(200), fc.maxSafeNat()),
    content: fc.array(fc.tuple(indexIn(CONTENT_KEYS), indexIn(CONTENT_VALUES)), { maxLength: 3 }),
    damages: drawn,
  });
}

function damages(names: readonly MutationName[]): fc.Arbitrary<Damage> {
  return fc.record({ name: fc.constantFrom(...names), at: fc.nat(300), value: fc.nat(255) });
}

function junk(): fc.Arbitrary<JunkRecipe> {
  return fc.record({
    protocol: fc.option(indexIn(OTHER_PROTOCOLS), { nil: undefined }),
    junk: fc.uint8Array({ maxLength: 40 }),
  });
}

/** An index in a list; of its first item more often than not. */
function mostlyFirst(list: readonly unknown[]): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: indexIn(list) },
  );
}

function indexIn(list: readonly unknown[]): fc.Arbitrary<number> {
  return fc.nat(list.length - 1);
}

/** All that one peer sends. */
export function bytesOf({ frames, missing }: Stream, styles: readonly Style[]): Uint8Array {
  const bytes = joinBytes(frames.map((frame) => buildFrame(frame, styles)));
  return bytes.subarray(0, Math.max(0, bytes.length - missing));
}

/** A conversation in words, text and hex. */
export function describeConversation(conversation: Conversation): string {
  const { styles } = conversation;
  const limits = pick(LIMITS, conversation.limits);
  const lines = [
    `limits: header ${limits.maxHeaderLength}, content ${limits.maxContentLength}; ` +
      `shared buffer of ${pick(SCRATCH_LENGTHS, conversation.scratchLength)} bytes`,
  ];
  for (const [index, stream] of conversation.streams.entries()) {
    const { frames, chunks, received, missing } = stream;
    const bytes = bytesOf(stream, styles);
    const lengths = chunks.map((length) => length + 1).join(', ');
    const cut = lengths === '' ? 'in one chunk' : `in chunks of ${lengths} bytes, over and over`;
    const manner = received ? 'received' : 'appended';
    lines.push(
      '',
      `stream ${index + 1} of ${conversation.streams.length}, ${bytes.length} bytes, ${manner} ${cut}`,
      ...frames.map((frame, at) => `  frame ${at + 1}: ${describeFrame(frame, styles)}`),
      ...(missing === 0 ? [] : [`  cut off ${missing} bytes before the end`]),
      `  as text: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`,
      `  ${showVector(bytes)}`,
    );
  }
  return lines.join('\n');
}

/** A valid message, `{"next": 1}`: what shows that reading goes on behind bad input. */
const FOLLOWING =
  '\u0000g{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 11}{"next": 1}';

/**
 * The bytes in hex. Where a bad message comes first, in the form of `protocol/vectors/bad-input.json`, which
 * lacks nothing but a name and has default limits.
 */
function showVector(bytes: Uint8Array): string {
  const [reading] = readStream(bytes, DEFAULT_LIMITS);
  if (reading?.kind !== 'error') return `in hex: ${hexOf(bytes)}`;
  const { code, field, end } = reading;
  const vector = LOSES_FRAMING.has(code)
    ? { name: '', bytes: hexOf(bytes), code, framing: 'lost', next: null, field }
    : {
        name: '',
        bytes: hexOf(bytes.subarray(0, end)) + hexOf(Buffer.from(FOLLOWING)),
        code,
        framing: 'intact',
        next: end,
        field,
      };
  return `as a vector: ${JSON.stringify(vector)}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
