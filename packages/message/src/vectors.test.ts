/**
 * The vectors in `protocol/vectors` drive decoder and encoder from one table: whatever a peer in another
 * language is held to, this package is held to as well.
 */
import { readFileSync } from 'node:fs';
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import { verifyDecoder, type DecoderCase, type ResultsCase } from '@wireline/framing/testing';
import { describe, expect, test } from 'vitest';
import {
  binaryMessage,
  jsonMessage,
  MessageDecoder,
  MessageEncoder,
  MessageError,
  type Byteorder,
  type JsonObject,
  type JsonValue,
  type Message,
} from './index.ts';

interface VectorHeader {
  readonly byteorder: Byteorder;
  readonly 'content-type': string;
  readonly 'content-encoding': string;
  readonly 'content-length': number;
  readonly extensions: Readonly<Record<string, JsonValue>>;
}

interface MessageVector {
  readonly name: string;
  readonly bytes: string;
  readonly header: VectorHeader;
  readonly kind: 'json' | 'binary';
  readonly value?: JsonObject;
  readonly content?: string;
  readonly exact: boolean;
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
const following: Message = {
  kind: 'json',
  header: {
    byteorder: 'little',
    contentType: 'text/json',
    contentEncoding: 'utf-8',
    contentLength: 11,
    extensions: {},
  },
  value: { next: 1 },
};

test('there are vectors of both kinds, under different names', () => {
  for (const vectors of [messages, badInputs]) {
    expect(vectors.length).toBeGreaterThan(20);
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
  }
});

describe('valid messages', () => {
  test.each(groupsOf(messages))('decode, cut in every way: $first to $last', ({ vectors }) => {
    verifyDecoder({
      createDecoder: () => new MessageDecoder(),
      cases: vectors.map((vector) => ({
        name: vector.name,
        bytes: fromHex(vector.bytes),
        frames: [messageOf(vector)],
      })),
    });
  });

  test.each(messages.filter((vector) => vector.exact))('encode to exact bytes: $name', (vector) => {
    const buffer = new SendBuffer();
    const encoder = new MessageEncoder({ byteorder: vector.header.byteorder });
    const { extensions } = vector.header;
    const message =
      vector.kind === 'json'
        ? jsonMessage(vector.value ?? {}, {
            contentEncoding: vector.header['content-encoding'],
            extensions,
          })
        : binaryMessage(fromHex(vector.content ?? ''), vector.header['content-type'], {
            extensions,
          });
    // Twice: the second time the header's template is remembered.
    encoder.encode(message, buffer);
    encoder.encode(message, buffer);
    const written = buffer.bytes.subarray(buffer.start, buffer.end);
    expect(toText(written)).toBe(toText(fromHex(vector.bytes + vector.bytes)));
  });
});

describe('bad input', () => {
  // A few of each code: what a decoder does with chunks does not depend on what is wrong in detail.
  const cutUp = badInputs.filter((vector) => rankInCode(vector) < 4);

  test.each(groupsOf(cutUp))('raises its error: $first to $last', ({ vectors }) => {
    verifyDecoder({ createDecoder: () => new MessageDecoder(), cases: vectors.map(caseOf) });
  });

  test.each(badInputs.filter((vector) => vector.code !== 'truncated'))(
    'byte by byte, says what is wrong and goes on or not: $name',
    (vector) => {
      const decoder = new MessageDecoder();
      const buffer = new ReceiveBuffer();
      const bytes = fromHex(vector.bytes);
      let error: unknown = NEED_DATA;
      let at = 0;
      for (; at < bytes.length && error === NEED_DATA; at++) {
        buffer.append(bytes.subarray(at, at + 1));
        error = errorOf(() => decoder.decode(buffer));
      }
      buffer.append(bytes.subarray(at));
      expect(error).toBeInstanceOf(MessageError);
      if (!(error instanceof MessageError)) return;
      expect(error).toMatchObject({
        code: vector.code,
        framing: vector.framing,
        field: vector.field,
        offset: 0,
      });
      expect(error.message).toMatch(/^read .+: .+/);
      expect(error.sample === '').toBe(/^(header length 0|no content at all)$/.test(vector.name));
      if (vector.next === null) {
        expect(errorOf(() => decoder.decode(buffer))).toBe(error);
        expect(errorOf(() => decoder.end(buffer))).toBe(error);
      } else {
        expect(error.header).toBeDefined();
        expect(buffer.offset).toBe(vector.next);
        expect(decoder.decode(buffer)).toEqual(following);
        decoder.end(buffer);
      }
    },
  );
});

/** Which vector of its code this is. */
function rankInCode(vector: BadInputVector): number {
  return badInputs.filter(({ code }) => code === vector.code).indexOf(vector);
}

/** The verifier also puts streams back to back, so a group of a few is much less work than all. */
function groupsOf<Vector extends { readonly name: string }>(vectors: readonly Vector[]) {
  const size = 6;
  return Array.from({ length: Math.ceil(vectors.length / size) }, (_, index) => {
    const group = vectors.slice(index * size, (index + 1) * size);
    return { first: group.at(0)?.name, last: group.at(-1)?.name, vectors: group };
  });
}

function caseOf(vector: BadInputVector): DecoderCase<Message> {
  const { name, code, framing } = vector;
  const results: ResultsCase<Message>['expected'] = [{ error: { code, framing } }];
  return {
    name,
    bytes: fromHex(vector.bytes),
    expected: vector.next === null ? results : [...results, { frame: following }],
  };
}

function messageOf({ header, kind, value, content }: MessageVector): Message {
  const parsed = {
    byteorder: header.byteorder,
    contentType: header['content-type'],
    contentEncoding: header['content-encoding'],
    contentLength: header['content-length'],
    extensions: header.extensions,
  };
  return kind === 'json'
    ? { kind, header: parsed, value: value ?? {} }
    : { kind, header: parsed, bytes: fromHex(content ?? '') };
}

function readVectors(name: string): unknown {
  const url = new URL(`../../../protocol/vectors/${name}.json`, import.meta.url);
  const file: unknown = JSON.parse(readFileSync(url, 'utf8'));
  return typeof file === 'object' && file !== null && 'vectors' in file ? file.vectors : [];
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Readable when it fails: one character a byte. */
function toText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
