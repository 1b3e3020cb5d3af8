import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPrinter, rawPrinter, textPrinter, type Printer } from './client-printer.ts';

/** What a printer makes of these chunks, which it may not keep. */
async function print(
  create: (out: NodeJS.WritableStream) => Printer,
  chunks: readonly Uint8Array[],
): Promise<Buffer> {
  const written: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      written.push(Buffer.from(chunk));
      callback();
    },
  });
  const printer = create(out);
  for (const chunk of chunks) {
    const lent = Uint8Array.from(chunk);
    await printer.write(lent);
    lent.fill(0x21);
  }
  await printer.end();
  return Buffer.concat(written);
}

const PRINTERS = [
  ['raw', rawPrinter],
  ['text', textPrinter],
  ['json', jsonPrinter],
] as const;

test.each(PRINTERS)(
  '%s: however the stream is cut, it is printed the same',
  async (_name, create) => {
    const byte = fc.oneof(fc.constant(0x0a), fc.constant(0x41), fc.nat(255));
    const chunks = fc.array(fc.array(byte).map((bytes) => Uint8Array.from(bytes)));
    await fc.assert(
      fc.asyncProperty(chunks, async (cut) => {
        expect(await print(create, cut)).toEqual(await print(create, [Buffer.concat(cut)]));
      }),
    );
  },
);

test.each([
  ['a\nb', 'received a\nreceived b\n'],
  ['a\n\n', 'received a\nreceived \n'],
  ['\n', 'received \n'],
  ['', ''],
  ['a\tb\r\n', 'received a\tb\\x0d\n'],
  ['\u001b[2J', 'received \\x1b[2J\n'],
  ['\u00e9', 'received \u00e9\n'],
])('%j as lines', async (text, printed) => {
  expect(String(await print(textPrinter, [Buffer.from(text)]))).toBe(printed);
});

test.each([
  ['a', 65_536, [65_536]],
  ['a', 65_537, [65_532, 5]],
  ['\u{1F430}', 16_384, [65_536]],
  ['\u{1F430}', 16_385, [65_532, 8]],
])('%s %i times: in pieces of so many bytes', async (character, times, lengths) => {
  const bytes = Buffer.from(character.repeat(times));
  const lines = String(await print(jsonPrinter, [bytes]))
    .trimEnd()
    .split('\n');
  // They are what the printer makes.
  const pieces = lines.map((line) => JSON.parse(line) as { bytes: number; text: string });
  expect(pieces.map((piece) => piece.bytes)).toEqual(lengths);
  expect(pieces.map(({ text }) => text).join('') === character.repeat(times)).toBe(true);
});
