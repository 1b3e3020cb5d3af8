/**
 * The scenarios: which frames, told apart how, and in which chunks they come.
 *
 * Three groups: _small_ frames, where the cost of a frame counts; _large_ ones, where the cost of a byte counts;
 * and _growth_, where the cost of a byte is to be the same whatever the size of frame or chunk.
 */

/**
 * How frames are told apart: a line end, and the frame is text; a newline, and the frame is bytes; a length before
 * the frame, unsigned LEB128 or 32 bits big-endian.
 */
export type Delimitation = 'lines' | 'newline' | 'varint' | 'u32';

/** What the contents of frames are: all of one length, ASCII; or lines as logs have them, ASCII or not. */
export type Contents = 'even' | 'log' | 'utf8';

/** The question that a condition belongs to. */
export type Group = 'small' | 'large' | 'growth';

/** One scenario. */
export interface Condition {
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly delimitation: Delimitation;
  readonly contents: Contents;
  /** Bytes of a frame without its length or line end; the most that one has where `contents` vary. */
  readonly length: number;
  /** Bytes of each chunk but the last. */
  readonly chunkLength: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** What Node reads at a time from a socket or a file. */
export const CHUNK_LENGTH = 64 * KIB;

/** Lines of a log: a date, a level, a few words. */
export const LOG_LINE = { shortest: 40, longest: 200 } as const;

const SMALL: readonly Condition[] = [
  small('lines', { name: 'lines-16', title: '16-byte lines' }),
  small('lines', {
    name: 'lines-log',
    title: 'log lines',
    contents: 'log',
    length: LOG_LINE.longest,
  }),
  small('lines', {
    name: 'lines-utf8',
    title: 'log lines, not ASCII',
    contents: 'utf8',
    length: LOG_LINE.longest,
  }),
  small('varint', { name: 'varint-16', title: 'varint, 16 bytes' }),
  small('varint', { name: 'varint-128', title: 'varint, 128 bytes', length: 128 }),
  small('u32', { name: 'u32-16', title: 'u32, 16 bytes' }),
];

const LARGE: readonly Condition[] = (['varint', 'lines'] as const).flatMap((delimitation) => {
  return [64 * KIB, MIB, 16 * MIB, 64 * MIB].map((length) => ({
    name: `${delimitation}-${nameOf(length)}`,
    title: `${delimitation}, ${formatLength(length)}`,
    group: 'large' as const,
    delimitation,
    contents: 'even' as const,
    length,
    chunkLength: CHUNK_LENGTH,
  }));
});

/** The sizes over which the cost of a byte is to be the same. */
const GROWING = [KIB, 16 * KIB, 256 * KIB, 4 * MIB, 64 * MIB];

const GROWTH: readonly Condition[] = (['varint', 'newline'] as const).flatMap((delimitation) => {
  return [CHUNK_LENGTH, 1].flatMap((chunkLength) => {
    return GROWING.map((length) => ({
      name: `growth-${delimitation}-${nameOf(length)}${chunkLength === 1 ? '-bytewise' : ''}`,
      title: `${delimitation}, ${formatLength(length)}, in chunks of ${formatLength(chunkLength)}`,
      group: 'growth' as const,
      delimitation,
      contents: 'even' as const,
      length,
      chunkLength,
    }));
  });
});

/** All of them, in the order in which they run. */
export const CONDITIONS: readonly Condition[] = [...SMALL, ...LARGE, ...GROWTH];

function small(
  delimitation: Delimitation,
  options: Pick<Condition, 'name' | 'title'> & Partial<Condition>,
): Condition {
  const common = {
    group: 'small',
    contents: 'even',
    length: 16,
    chunkLength: CHUNK_LENGTH,
  } as const;
  return { ...common, delimitation, ...options };
}

/** Bytes, for people: `64 MiB`. */
export function formatLength(bytes: number): string {
  if (bytes >= MIB) return `${bytes / MIB} MiB`;
  if (bytes >= KIB) return `${bytes / KIB} KiB`;
  return bytes === 1 ? 'one byte' : `${bytes} bytes`;
}

function nameOf(bytes: number): string {
  return bytes >= MIB ? `${bytes / MIB}m` : `${bytes / KIB}k`;
}
