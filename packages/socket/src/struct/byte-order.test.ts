import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { htonl, htons, ntohl, ntohs } from './byte-order.ts';

const CALLS = { htons, ntohs, htonl, ntohl };

test.each<[keyof typeof CALLS, number, number]>([
  ['htons', 80, 0x5000],
  ['htons', 0xff00, 0x00ff],
  ['ntohs', 0x1234, 0x3412],
  ['htonl', 0x7f00_0001, 0x0100_007f],
  ['htonl', 0xff, 0xff00_0000],
  ['ntohl', 0x1234_5678, 0x7856_3412],
  ['ntohl', 0xffff_ffff, 0xffff_ffff],
  ['ntohl', 0, 0],
])('%s(%i) is %i on a little-endian machine', (name, number, swapped) => {
  expect(CALLS[name](number)).toBe(swapped);
});

test.each<[keyof typeof CALLS, number]>([
  ['htons', 65_535],
  ['ntohs', 65_535],
  ['htonl', 4_294_967_295],
  ['ntohl', 4_294_967_295],
])('%s takes integers from 0 to %i', (name, highest) => {
  const refused: unknown[] = [-1, highest + 1, 0.5, NaN, Infinity, '80', 80n, undefined];
  for (const given of refused) {
    const call = () => CALLS[name](given as number); // as callers without types do
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`: expected an integer from 0 to ${highest}`);
  }
  expect(CALLS[name](highest)).toBe(highest);
});

test('the error shows what was given', () => {
  expect(() => htons(70_000)).toThrow('htons 70000: expected an integer from 0 to 65535');
  // @ts-expect-error a port is a number
  expect(() => ntohs('80')).toThrow("ntohs '80' (string): expected an integer from 0 to 65535");
});

test('there and back is the same', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 16 - 1 }), (n) => ntohs(htons(n)) === n));
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (n) => ntohl(htonl(n)) === n));
});

test('Python’s socket says the same of thousands of numbers', () => {
  const shorts = fc.sample(fc.integer({ min: 0, max: 2 ** 16 - 1 }), { numRuns: 3000, seed: 1 });
  const longs = fc.sample(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { numRuns: 3000, seed: 2 });
  const program =
    'import json, socket, sys; shorts, longs = json.load(sys.stdin);' +
    'print(json.dumps([[f(n) for n in shorts] for f in (socket.htons, socket.ntohs)] +' +
    ' [[f(n) for n in longs] for f in (socket.htonl, socket.ntohl)]))';
  const output = execFileSync('python3', ['-c', program], {
    input: JSON.stringify([shorts, longs]),
    encoding: 'utf8',
  });
  expect([shorts.map(htons), shorts.map(ntohs), longs.map(htonl), longs.map(ntohl)]).toEqual(
    JSON.parse(output),
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('a big-endian machine has the order of the network already', async () => {
  vi.resetModules();
  vi.stubGlobal('Uint16Array', { of: () => Uint8Array.of(0, 1) });
  const order = await import('./byte-order.ts');
  expect(order.LITTLE_ENDIAN).toBe(false);
  expect([order.htons(80), order.ntohs(80)]).toEqual([80, 80]);
  expect([order.htonl(80), order.ntohl(2 ** 32 - 1)]).toEqual([80, 2 ** 32 - 1]);
  expect(() => order.htons(65_536)).toThrow(RangeError);

  const { pack } = await import('./functions.ts');
  const [low, high] = [Uint8Array.of(1, 0), Uint8Array.of(0, 1)];
  expect([pack('H', 1), pack('@H', 1), pack('=H', 1)]).toEqual([high, high, high]);
  expect([pack('<H', 1), pack('>H', 1), pack('!H', 1)]).toEqual([low, high, high]);
});
