/** What the help says of the messages of each preset, held against frames that programs sent. */
import { readdirSync, readFileSync } from 'node:fs';
import { ReceiveBuffer } from '@wireline/framing';
import { expect, test } from 'vitest';
import { isPresetName, PRESET_NAMES, presetMessage, presetMessages } from './presets.ts';

interface Captured {
  readonly preset: string;
  readonly frames: readonly string[];
}

const FOLDER = new URL('../../../framing/src/presets/captured/', import.meta.url);
const captured = readdirSync(FOLDER).flatMap((file) => {
  // Its own tests hold the files to this form.
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Captured[];
});

test('there are bytes for every preset', () => {
  expect([...new Set(captured.map(({ preset }) => preset))].toSorted()).toEqual(PRESET_NAMES);
});

// The last one: what a client opens with may be of another kind, as the preface of HTTP/2 is.
test.each(captured)('$preset: a whole frame or less', ({ preset, frames }) => {
  if (!isPresetName(preset)) throw new Error(`there is no preset ${preset}`);
  const buffer = new ReceiveBuffer();
  const decoder = presetMessages(preset, {}).createDecoder({ inPieces: false });
  let wire = new Uint8Array(0);
  let message = wire;
  for (const hex of frames) {
    wire = new Uint8Array(Buffer.from(hex, 'hex'));
    buffer.append(wire);
    const piece = decoder.decode(buffer);
    if (typeof piece === 'symbol') throw new Error('the frame is not whole');
    message = new Uint8Array(piece.bytes);
  }
  expect(presetMessage(preset) === 'whole').toBe(message.length === wire.length);
  expect([...wire].join(' ')).toContain([...message].join(' '));
});
