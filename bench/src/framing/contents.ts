/**
 * What is in the frames: always the same, so that all contestants and all runs have the same.
 *
 * The contents of small frames begin with four digits that say how long they are, counted as JavaScript counts
 * them: characters of a line, bytes of a frame with a length. A contestant that reads values in place reads that
 * number, and its sum must be that of the others.
 */
import { LOG_LINE, type Condition, type Contents } from './condition.ts';

/** Digits of the length at the beginning of each small frame. */
export const LENGTH_DIGITS = 4;

/** Words as logs have them; each one fits in front of any other. */
const WORDS: Readonly<Record<Exclude<Contents, 'even'>, readonly string[]>> = {
  log: ['connection', 'from', '192.0.2.17', 'closed', 'after', '1532', 'ms', 'GET', '/index.html'],
  utf8: ['Verbindung', 'geschlossen', 'größer', 'соединение', 'закрыто', '接続', 'été', '🐰', 'ms'],
};

/** Any number will do; this one is the seed of all runs. */
const SEED = 20_26;

/** Contents of small frames, until they have so many bytes together. */
export function smallContents(condition: Condition, totalLength: number): string[] {
  const contents: string[] = [];
  const random = createRandom(SEED);
  for (let length = 0; length < totalLength;) {
    const next = contentOf(condition, random);
    contents.push(next);
    length += Buffer.byteLength(next);
  }
  return contents;
}

function contentOf({ contents, length }: Condition, random: () => number): string {
  if (contents === 'even') return numbered('x'.repeat(length - LENGTH_DIGITS));
  const { shortest, longest } = LOG_LINE;
  // Words may go beyond by one; what counts is that the lengths are mixed.
  const wanted = shortest + random() * (longest - shortest - LENGTH_DIGITS - 20);
  let text = ' ';
  while (Buffer.byteLength(text) < wanted) text += `${pick(WORDS[contents], random)} `;
  return numbered(text);
}

/** A content with its length in front. */
function numbered(text: string): string {
  return `${String(text.length + LENGTH_DIGITS).padStart(LENGTH_DIGITS, '0')}${text}`;
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? '';
}

/** Numbers from 0 to 1 that are the same in each run: the generator of Park and Miller. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}
