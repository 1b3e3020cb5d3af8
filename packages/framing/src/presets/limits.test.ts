/**
 * The limits of the presets, to the byte: what announces a frame of exactly `maxLength` is taken, one byte more is
 * refused. The frames are only announced, so that a limit of a gibibyte takes none.
 */
import { describe, expect, test } from 'vitest';
import { NEED_DATA } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { PRESETS, preset, type PresetName } from './presets.ts';

/** The first bytes of a stream whose next frame has `length` bytes on the wire. */
type Announce = (length: number) => Uint8Array;

interface Fields {
  /** Bytes before the length. */
  readonly before?: readonly number[];
  /** What the length of the frame says more than its field. */
  readonly more?: number;
  readonly littleEndian?: boolean;
}

const ANNOUNCE: { readonly [Name in PresetName]: Announce } = {
  '9p': binary(4, { littleEndian: true }),
  amqp: binary(4, { before: [1, 0, 1], more: 8 }),
  'amqp-client': after('AMQP\0\0\x09\x01', binary(4, { before: [1, 0, 1], more: 8 })),
  bgp: binary(2, { before: Array.from({ length: 16 }, () => 0xff) }),
  'chrome-native-messaging': binary(4, { more: 4, littleEndian: true }),
  dns: binary(2, { more: 2 }),
  fastcgi: (length) => {
    const content = Math.min(length - 8, 0xff_ff);
    const padding = length - 8 - content;
    return Uint8Array.of(1, 5, 0, 1, content >> 8, content & 0xff, padding, 0);
  },
  'git-pkt-line': (length) => ascii(length.toString(16).padStart(4, '0')),
  grpc: binary(4, { before: [0], more: 5 }),
  http2: binary(3, { more: 9 }),
  'http2-client': after('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', binary(3, { more: 9 })),
  irc: line('\r\n'),
  kafka: binary(4, { more: 4 }),
  lsp: fitted((length, frameLength) => {
    const head = `Content-Length: ${length}\r\n\r\n`;
    return head.length + length === frameLength ? head : undefined;
  }),
  minecraft: varint([]),
  'modbus-tcp': binary(2, { before: [0, 1, 0, 0], more: 6 }),
  mongodb: binary(4, { littleEndian: true }),
  mqtt: varint([0x30]),
  mysql: binary(3, { more: 4, littleEndian: true }),
  ndjson: line('\n'),
  netstring: fitted((length, frameLength) => {
    const head = `${length}:`;
    return head.length + length + 1 === frameLength ? head : undefined;
  }),
  'nmea-0183': line('\r\n'),
  postgres: binary(4, { before: [0x44], more: 1 }),
  'postgres-client': after('\0\0\0\x09\0\x03\0\0\0', binary(4, { before: [0x51], more: 1 })),
  'protobuf-delimited': varint([]),
  scgi: fitted((length, frameLength) => {
    const head = `CONTENT_LENGTH\0${length}\0SCGI\x001\0`;
    const start = `${head.length}:${head},`;
    return start.length + length === frameLength ? start : undefined;
  }),
  smtp: line('\r\n'),
  'source-rcon': binary(4, { more: 4, littleEndian: true }),
  stun: binary(2, { before: [0, 3], more: 20 }),
  'syslog-octet-counting': fitted((length, frameLength) => {
    const head = `${length} `;
    return head.length + length === frameLength ? head : undefined;
  }),
  tls: binary(2, { before: [23, 3, 3], more: 5 }),
  websocket: binary(8, { before: [0x82, 0xff], more: 14 }),
};

/** What the documents say that `limit` of each preset names, header and line end included. */
const DOCUMENTED: { readonly [Name in PresetName]: number } = {
  '9p': 1_048_576,
  amqp: 131_072,
  'amqp-client': 131_072,
  bgp: 4096,
  'chrome-native-messaging': 67_108_868,
  dns: 65_537,
  fastcgi: 65_798,
  'git-pkt-line': 65_520,
  grpc: 4_194_309,
  http2: 16_393,
  'http2-client': 16_393,
  irc: 512,
  kafka: 104_857_604,
  lsp: 67_108_864,
  minecraft: 2_097_154,
  'modbus-tcp': 260,
  mongodb: 48_000_000,
  mqtt: 268_435_460,
  mysql: 16_777_219,
  ndjson: 1_048_576,
  netstring: 1_048_576,
  'nmea-0183': 128,
  postgres: 1_073_741_823,
  'postgres-client': 1_073_741_823,
  'protobuf-delimited': 1_048_579,
  scgi: 1_114_112,
  smtp: 1000,
  'source-rcon': 4100,
  stun: 65_552,
  'syslog-octet-counting': 8197,
  tls: 18_437,
  websocket: 104_857_614,
};

/** Presets whose limit is the greatest number that the length can have, so that nothing can be above it. */
const CANNOT_EXCEED = new Set<PresetName>(['dns', 'fastcgi', 'mysql']);

// Object.keys gives strings; these are the keys of PRESETS.
const NAMES = Object.keys(PRESETS) as PresetName[];

describe.each(NAMES)('limit of preset %s', (name) => {
  const { maxLength } = PRESETS[name];
  const announce = ANNOUNCE[name];

  test('is the documented number', () => {
    expect(maxLength).toBe(DOCUMENTED[name]);
  });

  test('a frame of exactly the limit is taken', () => {
    expect(outcome(preset(name), announce(maxLength))).toBe('taken');
  });

  test('another limit is exact, too', () => {
    const lower = maxLength - 1;
    const framing = preset(name, { maxLength: lower });
    expect(outcome(framing, announce(lower))).toBe('taken');
    expect(outcome(framing, announce(maxLength))).toBe(`frame-too-large ${lower}`);
  });
});

test.each(NAMES.filter((name) => !CANNOT_EXCEED.has(name)))(
  'limit of preset %s: one byte more is refused',
  (name) => {
    const { maxLength } = PRESETS[name];
    const bytes = ANNOUNCE[name](maxLength + 1);
    expect(outcome(preset(name), bytes)).toBe(`frame-too-large ${maxLength}`);
  },
);

test.each([...CANNOT_EXCEED])(
  'limit of preset %s: nothing can be said that is above it',
  (name) => {
    const { maxLength } = PRESETS[name];
    // All bits of the length are set.
    expect(ANNOUNCE[name](maxLength + 1)).not.toEqual(ANNOUNCE[name](maxLength));
    expect(outcome(preset(name), ANNOUNCE[name](maxLength + 1))).toBe('taken');
  },
);

/** Whether all that is there is taken, with or without a frame; else the error and the limit that it names. */
function outcome(framing: Framing<unknown>, bytes: Uint8Array): string {
  const decoder = framing.createDecoder();
  const buffer = new ReceiveBuffer();
  buffer.append(bytes);
  try {
    while (decoder.decode(buffer) !== NEED_DATA);
    return 'taken';
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    return `${error.code} ${error.limit?.value}`;
  }
}

function binary(width: number, { before = [], more = 0, littleEndian = false }: Fields): Announce {
  return (length) => {
    const bytes = Array.from({ length: width }, (_, index) =>
      Number((BigInt(length - more) >> BigInt(8 * index)) & 0xffn),
    );
    return Uint8Array.from([...before, ...(littleEndian ? bytes : bytes.toReversed())]);
  };
}

function varint(before: readonly number[]): Announce {
  return (length) => {
    for (let width = 1; ; width++) {
      const value = length - before.length - width;
      if (value >= 2 ** (7 * width)) continue;
      const bytes = Array.from({ length: width }, (_, index) => {
        const bits = Math.floor(value / 2 ** (7 * index)) % 0x80;
        return index === width - 1 ? bits : bits + 0x80;
      });
      return Uint8Array.from([...before, ...bytes]);
    }
  };
}

/** The head whose text depends on how long the rest is: tries the lengths that are possible. */
function fitted(head: (length: number, frameLength: number) => string | undefined): Announce {
  return (frameLength) => {
    for (let length = frameLength; length > frameLength - 100; length--) {
      const text = head(length, frameLength);
      if (text !== undefined) return ascii(text);
    }
    throw new Error(`announce a frame of ${frameLength} bytes: no head fits`);
  };
}

function line(delimiter: string): Announce {
  return (length) => ascii('x'.repeat(length - delimiter.length) + delimiter);
}

function after(opening: string, announce: Announce): Announce {
  return (length) => Uint8Array.from([...ascii(opening), ...announce(length)]);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
