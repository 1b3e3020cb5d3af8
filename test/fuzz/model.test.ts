/** The model against the vectors, which were not made with it. */
import { readFileSync } from 'node:fs';
import { DEFAULT_LIMITS } from '@wireline/message';
import { describe, expect, test } from 'vitest';
import { LOSES_FRAMING, readStream, type Reading } from './model.ts';

interface MessageVector {
  readonly name: string;
  readonly bytes: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly kind: 'json' | 'binary';
  readonly value?: unknown;
  readonly content?: string;
}

interface BadInputVector {
  readonly name: string;
  readonly bytes: string;
  readonly code: string;
  readonly framing: 'intact' | 'lost';
  readonly next: number | null;
  readonly field?: string;
}

// The form of the files is part of the protocol; where it is another one, every test here fails.
const messages = readVectors('messages') as readonly MessageVector[];
const badInputs = readVectors('bad-input') as readonly BadInputVector[];

describe('valid messages', () => {
  test.each(messages)('$name', ({ bytes, header, kind, value, content }) => {
    const [reading, ...more] = readStream(fromHex(bytes), DEFAULT_LIMITS);
    expect(more).toEqual([]);
    expect(reading).toMatchObject({ start: 0, end: bytes.length / 2 });
    if (reading === undefined || reading.kind === 'error') throw new Error('no message');
    expect(reading.header).toEqual({
      byteorder: header['byteorder'],
      contentType: header['content-type'],
      contentEncoding: header['content-encoding'],
      contentLength: header['content-length'],
      extensions: header['extensions'],
    });
    // It has no tables of character sets.
    if (reading.kind === 'open') return;
    expect(reading.kind).toBe(kind);
    if (reading.kind === 'json') expect(reading.value).toEqual(value);
    else expect(reading.bytes).toEqual(fromHex(content ?? ''));
  });
});

describe('bad input', () => {
  test.each(badInputs)('$name', ({ bytes, code, framing, next, field }) => {
    const [reading, following] = readStream(fromHex(bytes), DEFAULT_LIMITS);
    if (reading?.kind === 'open') {
      expect([code, reading.end]).toEqual([code, next]);
      expect(['content-invalid', 'encoding-unknown']).toContain(code);
    } else {
      expect(reading).toMatchObject({ kind: 'error', start: 0, code });
      if (code !== 'truncated') expect(reading).toMatchObject({ field });
    }
    expect(following === undefined ? 'lost' : 'intact').toBe(framing);
    if (following !== undefined) expect(following).toMatchObject({ kind: 'json', start: next });
  });

  test('few of them are open', () => {
    const readings = badInputs.map(({ bytes }) => readStream(fromHex(bytes), DEFAULT_LIMITS)[0]);
    expect(readings.filter(isOpen).length).toBeLessThan(5);
    expect(LOSES_FRAMING).toEqual(
      new Set(badInputs.filter(({ framing }) => framing === 'lost').map(({ code }) => code)),
    );
  });
});

function isOpen(reading: Reading | undefined): boolean {
  return reading?.kind === 'open';
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function readVectors(name: string): unknown {
  const url = new URL(`../../protocol/vectors/${name}.json`, import.meta.url);
  const file: unknown = JSON.parse(readFileSync(url, 'utf8'));
  return typeof file === 'object' && file !== null && 'vectors' in file ? file.vectors : [];
}
