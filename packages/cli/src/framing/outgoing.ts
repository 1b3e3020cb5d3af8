/**
 * What `send` puts on the wire: one frame, from words or from standard input.
 *
 * A message whose end is that of the connection is sent as it is read; of any other all is read before anything is
 * sent, since its length comes first, or has to be looked through for the delimiter.
 */
import { Readable } from 'node:stream';
import { describeError } from '../exit.ts';
import { adviceFor, type ChosenFraming } from './options.ts';

/** Where a message comes from. */
export interface MessageSource {
  /** The words; standard input is read where there are none. */
  readonly text: string | undefined;
  readonly input: Readable;
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
async function* limited(input: Readable, maxLength: number): AsyncGenerator<Uint8Array, void> {
  let length = 0;
  try {
    // The stream carries bytes: no encoding was set.
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxLength) {
        throw new Error(`it has more than ${maxLength} bytes; --max-length <size> allows more`);
      }
      yield chunk;
    }
  } catch (error) {
    throw new Error(`read standard input: ${describeError(error)}`, { cause: error });
  }
}

/** `bytes` without the first of `endings` that they end with: who types a line has typed its end. */
function withoutEnding(bytes: Buffer, endings: readonly Uint8Array[]): Uint8Array {
  const ending = endings.find((one) => bytes.subarray(-one.length).equals(one));
  return bytes.subarray(0, bytes.length - (ending?.length ?? 0));
}

function encode(message: Uint8Array, { framing, name, maxLength }: ChosenFraming): Uint8Array {
  try {
    return framing.encode(message);
  } catch (error) {
    const advice = adviceFor(error, maxLength);
    throw new Error(`send as ${name}: ${describeError(error)}${advice}`, { cause: error });
  }
}
