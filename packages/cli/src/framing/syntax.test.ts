import { NEED_DATA, ReceiveBuffer } from '@wireline/framing';
import { describe, expect, test } from 'vitest';
import { FRAMING_HELP, parseFraming } from './syntax.ts';

/** The bytes of one frame. */
function encode(framing: string, message: string): string {
  return Buffer.from(parseFraming(framing).create({}).encode(Buffer.from(message))).toString(
    'latin1',
  );
}

/** The messages of a stream. */
function decode(framing: string, stream: string, inPieces = false): string[] {
  const decoder = parseFraming(framing).create({}).createDecoder({ inPieces });
  const buffer = new ReceiveBuffer();
  const messages: string[] = [''];
  const drain = (): void => {
    for (let piece = decoder.decode(buffer); piece !== NEED_DATA; piece = decoder.decode(buffer)) {
      messages.push(`${messages.pop()}${Buffer.from(piece.bytes).toString()}`);
      if (piece.last) messages.push('');
    }
  };
  for (const byte of Buffer.from(stream, 'latin1')) {
    buffer.append(Uint8Array.of(byte));
    drain();
  }
  decoder.end(buffer);
  drain();
  expect(messages.pop()).toBe('');
  return messages;
}

describe('a framing by its name', () => {
  test.each([
    ['fixed:5', 'Hello', 'Hello'],
    ['fixed:8:#', 'Hello', 'Hello###'],
    ['fixed:8::', 'Hello', 'Hello:::'],
    ['fixed:8:\\0', 'Hello', 'Hello\0\0\0'],
    ['delimited:#*#', 'Hello', 'Hello#*#'],
    ['delimited::', 'Hello', 'Hello:'],
    ['delimited:a|b', 'a', 'aa|b'],
    ['delimited:\\r\\n', 'Hello', 'Hello\r\n'],
    ['delimited:\\xff\\x00', 'Hello', 'Hello\xff\0'],
    ['length:u8', 'Hello', '\x05Hello'],
    ['length:u32', 'Hello', '\0\0\0\x05Hello'],
    ['length:u24le', 'Hello', '\x05\0\0Hello'],
    ['length:varint', 'Hello', '\x05Hello'],
    ['length:ascii5', 'Hello', '00005Hello'],
    ['length:octet-counting', 'Hello', '5 Hello'],
    ['length:netstring', 'Hello', '5:Hello,'],
    ['netstring', 'Hello', '5:Hello,'],
    ['lines', 'Hello', 'Hello\n'],
    ['until-close', 'Hello', 'Hello'],
    // Bytes, text, a head and a body, and one after the other.
    ['kafka', 'Hello', '\0\0\0\x05Hello'],
    ['irc', 'PING', 'PING\r\n'],
    ['lsp', 'Content-Length: 2\r\n\r\n{}', 'Content-Length: 2\r\n\r\n{}'],
    ['http2-client', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: %j is %j on the wire', (framing, message, wire) => {
    expect(encode(framing, message)).toBe(wire);
    for (const inPieces of [true, false]) {
      expect(decode(framing, wire, inPieces)).toEqual([message]);
    }
  });

  test('a last line may lack its end; other delimiters may not be missing', () => {
    expect(decode('lines', 'one\r\ntwo\nthree')).toEqual(['one', 'two', 'three']);
    expect(() => decode('delimited:\\n', 'one\ntwo')).toThrow(/delimiter/);
  });

  test('text that is none, and a head without its body, are not sent', () => {
    const { create } = parseFraming('irc');
    expect(() => create({}).encode(Uint8Array.of(0xff))).toThrow(/no UTF-8/);
    expect(() => encode('lsp', 'Content-Length: 3\r\n\r\n{}')).toThrow(/./);
    expect(() => encode('lsp', '')).toThrow('0 frames: expected one');
  });

  test('a preset has the limit of its protocol unless told', () => {
    expect(parseFraming('modbus-tcp').maxLength).toBe(260);
    expect(() => parseFraming('dns').create({ maxLength: 10 }).encode(new Uint8Array(9))).toThrow(
      /limit is 10/,
    );
  });
});

test('the help fits into a wide terminal', () => {
  for (const line of FRAMING_HELP.split('\n')) {
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line).toMatch(/^ {2}(\S.{22}| {23}) \S/);
  }
});
