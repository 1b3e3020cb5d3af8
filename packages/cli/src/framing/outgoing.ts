/**
 * What `send` puts on the wire: one frame, from words or from standard input.
 *
 * A message whose end is that of the connection is sent as it is read; of any other all is read before anything is
 * sent, since its length comes first, or has to be looked through for the delimiter.
 *
 * Who is interrupted often sees his input end, too: Ctrl-C ends the program that writes it. What came until then is half
 * a message, so behind the end of the input a signal has its turn first.
 */
import { fstatSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { TruncatedFrameError } from '@wireline/framing';
import { describeError } from '../exit.ts';
import { count } from '../terminal/plain-text.ts';
import { inOptions, type ChosenFraming } from './options.ts';

/**
 * How many turns of the event loop a signal may take. Node hears of one at the end of a turn in which it has heard of
 * the input; if it came after the system was asked, in the next one.
 */
const SIGNAL_TURNS = 2;

/** Where a message comes from. */
export interface MessageSource {
  /** The words; standard input is read where there are none. */
  readonly text: string | undefined;
  readonly input: Readable & { readonly fd: number };
}

/**
 * The bytes of the one frame.
 *
 * @throws Error when the message does not fit into the framing, or the input cannot be read.
 */
export async function outgoing(
  { text, input }: MessageSource,
  chosen: ChosenFraming,
): Promise<Readable> {
  if (text !== undefined) return Readable.from([encode(Buffer.from(text), chosen)]);
  if (chosen.isUntilClose) return Readable.from(limited(input, chosen.maxLength));
  const message: Uint8Array[] = [];
  for await (const chunk of limited(input, chosen.maxLength)) message.push(chunk);
  return Readable.from([encode(withoutEnding(Buffer.concat(message), chosen.endings), chosen)]);
}

/** What comes from standard input, up to `maxLength` bytes. */
async function* limited(
  input: MessageSource['input'],
  maxLength: number,
): AsyncGenerator<Uint8Array, void> {
  let length = 0;
  try {
    // Node reads one as if it were empty.
    if (fstatSync(input.fd).isDirectory()) throw new Error('it is a directory; give it a file');
    // The stream carries bytes: no encoding was set.
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxLength) {
        const told = `it has more than ${count(maxLength, 'byte')}`;
        throw new Error(`${told}; --max-length <size> allows more`);
      }
      yield chunk;
    }
    for (let turn = 0; turn < SIGNAL_TURNS; turn++) await setImmediate();
  } catch (error) {
    throw new Error(`read standard input: ${describeError(error)}`, { cause: error });
  }
}

/** `bytes` without the first of `endings` that they end with: who types a line has typed its end. */
function withoutEnding(bytes: Buffer, endings: readonly Uint8Array[]): Uint8Array {
  const ending = endings.find((one) => bytes.subarray(-one.length).equals(one));
  return bytes.subarray(0, bytes.length - (ending?.length ?? 0));
}

function encode(message: Uint8Array, chosen: ChosenFraming): Uint8Array {
  try {
    return chosen.framing.encode(message);
  } catch (error) {
    throw new Error(`send as ${chosen.name}: ${trouble(error, chosen)}`, { cause: error });
  }
}

/** What is wrong with a message; of a whole frame, first that it has to be one. */
function trouble(error: unknown, chosen: ChosenFraming): string {
  const told = inOptions(error, chosen);
  const isTooLong = error instanceof Error && 'limit' in error && error.limit !== undefined;
  if (!chosen.isWhole || isTooLong) return told;
  const expected = `${chosen.name} messages are whole frames, with their head`;
  // Of a message there is no stream that could end.
  return error instanceof TruncatedFrameError ? `${expected}: it is cut` : `${expected}: ${told}`;
}
