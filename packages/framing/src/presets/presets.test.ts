/**
 * Holds each preset against bytes that programs sent. `captured/` has a file for each protocol, with what sent the
 * bytes; the frames in it were cut by a script that shares no code with the framings.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { encodeWith } from '../adapters/whole.ts';
import { NEED_DATA } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { ComposableFraming, Framing } from '../framing.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { verifyDecoder } from '../testing/index.ts';
import { PRESETS, preset, type PresetName } from './presets.ts';

/** What a program sent, as `captured/` has it. */
interface CapturedStream {
  readonly preset: string;
  /** The program and its version. */
  readonly sender: string;
  readonly what: string;
  /** The bytes on the wire, cut into frames, as hexadecimal digits. */
  readonly frames: readonly string[];
}

/** What a preset makes of the bytes of one frame. */
type Reader = (wire: Uint8Array) => unknown;

const whole: Reader = (wire) => wire;
const without =
  (count: number): Reader =>
  (wire) =>
    wire.subarray(count);
const withoutVarint: Reader = (wire) => wire.subarray(wire.findIndex((byte) => byte < 0x80) + 1);
const textLine: Reader = (wire) => utf8(wire).replace(/\r?\n$/, '');
const headedBy =
  (length: number): Reader =>
  (wire) => ({ head: wire.subarray(0, length), body: wire.subarray(length) });

/** How the frames of each preset look, seen from the wire. */
const READERS: { readonly [Name in PresetName]: Reader } = {
  '9p': without(4),
  amqp: whole,
  'amqp-client': whole,
  bgp: whole,
  'chrome-native-messaging': without(4),
  dns: without(2),
  fastcgi: headedBy(8),
  'git-pkt-line': (wire) => ({ head: utf8(wire.subarray(0, 4)), body: wire.subarray(4) }),
  grpc: whole,
  http2: without(3),
  'http2-client': (wire) => (utf8(wire).startsWith('PRI * HTTP/2.0') ? wire : wire.subarray(3)),
  irc: textLine,
  kafka: without(4),
  lsp: (wire) => {
    const head = utf8(wire).slice(0, utf8(wire).indexOf('\r\n\r\n'));
    return { head, body: wire.subarray(head.length + 4) };
  },
  minecraft: withoutVarint,
  'modbus-tcp': whole,
  mongodb: without(4),
  mqtt: whole,
  mysql: without(3),
  ndjson: textLine,
  netstring: (wire) => wire.subarray(wire.indexOf(0x3a) + 1, -1),
  'nmea-0183': textLine,
  postgres: whole,
  'postgres-client': whole,
  'protobuf-delimited': withoutVarint,
  scgi: (wire) => {
    const start = wire.indexOf(0x3a) + 1;
    const end = start + Number(utf8(wire.subarray(0, start - 1)));
    return { head: wire.subarray(start, end), body: wire.subarray(end + 1) };
  },
  smtp: (wire) => wire.subarray(0, -2),
  'source-rcon': without(4),
  stun: whole,
  'syslog-octet-counting': (wire) => wire.subarray(wire.indexOf(0x20) + 1),
  tls: whole,
  websocket: (wire) => {
    const length = (wire[1] ?? 0) & 0x7f;
    const bodyStart = length === 126 ? 4 : length === 127 ? 10 : 2;
    return { head: wire.subarray(0, 2), body: wire.subarray(bodyStart) };
  },
};

// Object.keys gives strings; these are the keys of PRESETS.
const NAMES = Object.keys(PRESETS) as PresetName[];
const CAPTURED = readCaptured();

describe.each(NAMES)('preset %s', (name) => {
  const streams = CAPTURED.filter((stream) => stream.preset === name);
  const framing: Framing<unknown> = PRESETS[name].create();

  test('says where it is written down, and has bytes that somebody sent', () => {
    const { title, source, limit, maxLength } = PRESETS[name];
    expect(title).not.toBe('');
    expect(source).toMatch(/RFC \d+, \d|https?:\/\/\S+\/\S/);
    expect(limit).not.toBe('');
    expect(maxLength).toBeGreaterThan(0);
    expect(streams).not.toEqual([]);
    for (const { sender, what, frames } of streams) {
      expect(sender).toMatch(/\d+\.\d+/);
      expect(what).not.toBe('');
      expect(frames.length).toBeGreaterThan(1);
    }
  });

  test.each(streams)('cuts what $sender sent: $what', (stream) => {
    const wire = stream.frames.map((frame) => fromHex(frame));
    verifyDecoder({
      createDecoder: () => framing.createDecoder(),
      cases: [
        {
          name: stream.sender,
          bytes: concat(wire),
          frames: wire.map(READERS[name]),
          // What a client begins with comes once: nothing may be joined to such a stream.
          ...(name.endsWith('-client') && { trailing: Uint8Array.of(0) }),
        },
      ],
    });
  });

  test.each(streams)('writes what $sender sent: $what', (stream) => {
    const encoder = framing.createEncoder();
    const written = stream.frames.map((frame) =>
      toHex(encodeWith(encoder, READERS[name](fromHex(frame)))),
    );
    expect(written).toEqual(stream.frames);
  });
});

test('a file has the bytes of one protocol, and no bytes are of none', () => {
  const strangers = CAPTURED.filter((stream) => !Object.hasOwn(PRESETS, stream.preset));
  expect(strangers).toEqual([]);
});

// What a client begins with is never skipped.
test.each(NAMES.filter((name) => !name.endsWith('-client')))(
  'preset %s skips what is above a limit of the user',
  (name) => {
    const stream = CAPTURED.find((each) => each.preset === name);
    const wire = stream?.frames.map((frame) => fromHex(frame)) ?? [];
    const maxLength = Math.max(...wire.map((frame) => frame.length)) - 1;
    const framing: Framing<unknown> = preset(name, { maxLength, overlong: 'skip' });
    expect(decodeAll(framing, concat(wire))).toEqual(
      wire.map((frame) =>
        frame.length > maxLength ? 'frame-too-large, intact' : READERS[name](frame),
      ),
    );
  },
);

test('a name that is no preset is refused with those that are', () => {
  // @ts-expect-error: there is none of that name.
  expect(() => preset('kafak')).toThrow(/^find the preset 'kafak': .* take one of 9p, amqp, /);
  // @ts-expect-error: objects have it, the table has not.
  expect(() => preset('toString')).toThrow(RangeError);
});

test('the type of a framing follows from its name', () => {
  expectTypeOf(preset('dns')).toEqualTypeOf<ComposableFraming<Uint8Array>>();
  expectTypeOf(preset('irc')).toEqualTypeOf<ComposableFraming<string>>();
  expectTypeOf(preset('postgres-client')).toEqualTypeOf<Framing<Uint8Array>>();
  expectTypeOf(preset('lsp')).toExtend<Framing<{ head: string; body: Uint8Array }>>();
});

/** The frames of a stream, and its errors in their places. */
function decodeAll(framing: Framing<unknown>, bytes: Uint8Array): readonly unknown[] {
  const decoder = framing.createDecoder();
  const buffer = new ReceiveBuffer();
  buffer.append(bytes);
  const results: unknown[] = [];
  for (;;) {
    try {
      const frame = decoder.decode(buffer);
      if (frame === NEED_DATA) return results;
      results.push(frame);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError) || error.framing === 'lost') throw error;
      results.push(`${error.code}, ${error.framing}`);
    }
  }
}

function readCaptured(): readonly CapturedStream[] {
  const directory = new URL('captured/', import.meta.url);
  return readdirSync(directory).flatMap((file) => {
    const text = readFileSync(new URL(file, directory), 'utf8');
    // The files have this shape; what is missing in one fails a test.
    return JSON.parse(text) as readonly CapturedStream[];
  });
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
