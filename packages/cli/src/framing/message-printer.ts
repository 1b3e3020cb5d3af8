/**
 * How `receive` prints messages: the bytes alone, as they come; or each one, when it is whole, as text, as a hex dump or
 * as a JSON object.
 *
 * A printer resolves when the output has taken what it was given: who waits for that before he receives more has the
 * peer wait, too.
 */
import { isUtf8 } from 'node:buffer';
import type { Piece } from '@wireline/framing';
import { bytesAsText, count, firstBytes, printableJson } from '../terminal/plain-text.ts';
import { hexDump, hexDumpEnd } from './hex-dump.ts';

/** How messages can be printed. */
export type MessageForm = 'raw' | 'text' | 'hex' | 'json';

/** What is said of a message besides its bytes, in JSON. */
export interface MessageOrigin {
  /** The peer, as people write it. */
  readonly from: string;
  /** The framing, as it was written. */
  readonly framing: string;
}

/** Prints one piece of a message behind the other. */
export type MessagePrinter = (piece: Piece) => Promise<void>;

/** What is printed at once of a long message: a screen or some, and the whole is many times as long as its bytes. */
const PART = 64 * 1024;

/** A printer of `form`. All but `raw` expect whole messages. */
export function messagePrinter(
  form: MessageForm,
  { out, ...origin }: MessageOrigin & { readonly out: NodeJS.WritableStream },
): MessagePrinter {
  switch (form) {
    case 'raw':
      return ({ bytes }) => written(out, bytes);
    case 'text':
      return ({ bytes }) => printText(out, bytes);
    case 'hex':
      return ({ bytes }) => printHex(out, bytes);
    case 'json':
      return async ({ bytes }) => written(out, `${asJson(bytes, origin)}\n`); // what it throws is a rejection, too
  }
}

/** Text that a terminal does not obey, and a line end behind it if it has none. */
async function printText(out: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  let shown = '';
  for (let rest = bytes; rest.length > 0;) {
    const part = firstBytes(rest, PART);
    rest = rest.subarray(part.length);
    shown = bytesAsText(part);
    await written(out, shown);
  }
  if (!shown.endsWith('\n')) await written(out, '\n');
}

async function printHex(out: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PART) {
    await written(out, hexDump(bytes.subarray(at, at + PART), at));
  }
  await written(out, hexDumpEnd(bytes.length));
}

/** @throws Error when it would be longer than any text can be, 512 MiB */
function asJson(bytes: Uint8Array, { from, framing }: MessageOrigin): string {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const content = isUtf8(given)
      ? { text: given.toString() }
      : { base64: given.toString('base64') };
    return printableJson({ from, framing, bytes: bytes.length, ...content });
  } catch (error) {
    const told = `a message of ${count(bytes.length, 'byte')} is too long for JSON`;
    throw new Error(`receive from ${from}: ${told}; --raw prints it`, { cause: error });
  }
}

/** Resolves when `out` has passed it on. One that fails ends the command elsewhere: `terminal/output.ts`. */
function written(out: NodeJS.WritableStream, what: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => out.write(what, () => resolve()));
}
