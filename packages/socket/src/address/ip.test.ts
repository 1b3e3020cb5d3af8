import { isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv4, formatIpv6, isIpv4, isIpv6, parseIpv4, parseIpv6 } from './ip.ts';

const canonical = (text: string): string => formatIpv6(parseIpv6(text));

describe('IPv4', () => {
  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['127.0.0.1', [127, 0, 0, 1]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['10.20.30.40', [10, 20, 30, 40]],
  ])('%s is read and written', (text, bytes) => {
    expect([...parseIpv4(text)]).toEqual(bytes);
    expect(formatIpv4(Uint8Array.from(bytes))).toBe(text);
  });

  test.each([
    ['', 'empty'],
    ['1.2.3', 'three numbers'],
    ['1.2.3.4.5', 'five numbers'],
    ['1.2.3.256', 'more than a byte'],
    ['1.2.3.010', 'a leading zero, which some read as octal'],
    ['1.2.3.00', 'two zeros'],
    ['1.2.3.0x1', 'hexadecimal'],
    ['1.2.3.-1', 'a sign'],
    ['1.2.3.4 ', 'a space behind'],
    ['1.2.3.4\n', 'a line break behind'],
    ['1.2..4', 'an empty part'],
    ['1.2.3.٤', 'a digit of another script'],
    ['localhost', 'a name'],
  ])('%j is no address: %s', (text) => {
    expect(isIpv4(text)).toBe(false);
    expect(() => parseIpv4(text)).toThrow(`'${text}' is none; expected a form like 127.0.0.1`);
  });

  test('agrees with node:net on addresses and on what nearly is one', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'0125.x: '.split('')), maxLength: 16 });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), nearly), (text) => {
        expect(isIpv4(text)).toBe(isIPv4(text));
      }),
    );
  });

  test('write, then read, is identity', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        expect(parseIpv4(formatIpv4(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('IPv6', () => {
  test.each([
    // RFC 4291, section 2.2
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcd:ef01:2345:6789:abcd:ef01:2345:6789'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:13.1.68.3', '::d01:4403'],
    ['::FFFF:129.144.52.38', '::ffff:129.144.52.38'],
    // RFC 5952, sections 4.1 to 4.3 and 5
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    // `::` at either end, and for one group
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1::', '1::'],
    ['fe80::', 'fe80::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  test('bytes are in network order', () => {
    expect(Buffer.from(parseIpv6('2001:db8::8:800:200c:417a')).toString('hex')).toBe(
      '20010db80000000000080800200c417a',
    );
  });

  test.each([
    ['', 'empty'],
    [':', 'one colon'],
    [':::', 'three colons'],
    ['1::2::3', '`::` twice'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['1:2:3:4:5:6:7:8::', '`::` for nothing'],
    ['12345::', 'five digits'],
    ['g::', 'no hexadecimal digit'],
    [':1::', 'a colon in front'],
    ['1::2:', 'a colon behind'],
    ['1.2.3.4::', 'IPv4 in front'],
    ['::1.2.3.4:5', 'IPv4 in the middle'],
    ['::1.2.3.256', 'a bad IPv4 tail'],
    ['::1.2.3', 'a short IPv4 tail'],
    ['1:2:3:4:5:6:7:1.2.3.4', 'too long with its IPv4 tail'],
    ['[::1]', 'brackets'],
    ['fe80::1%2', 'a zone'],
    ['127.0.0.1', 'IPv4'],
  ])('%j is no address: %s', (text) => {
    expect(isIpv6(text)).toBe(false);
    expect(() => parseIpv6(text)).toThrow(`'${text}' is none; expected a form like ::1`);
  });

  const nearly = fc.string({ unit: fc.constantFrom(...'01fF:::.2'.split('')), maxLength: 24 });
  /** Many zeros, so that runs of them meet. */
  const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 0xabcd, 0xffff), {
    minLength: 8,
    maxLength: 8,
  });

  test('agrees with node:net on addresses and on what nearly is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), nearly), (text) => {
        expect(isIpv6(text)).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('writes as URLs do, except for IPv4-mapped addresses, which keep their dots', () => {
    const written = fc.oneof(
      fc.ipV6(),
      groups.map((each) => each.map((group) => group.toString(16)).join(':')),
    );
    fc.assert(
      fc.property(written, (text) => {
        const ours = canonical(text);
        expect(new URL(`http://[${ours}]`).hostname).toBe(new URL(`http://[${text}]`).hostname);
        if (ours.startsWith('::ffff:') && ours.includes('.')) return;
        expect(`[${ours}]`).toBe(new URL(`http://[${text}]`).hostname);
      }),
      { numRuns: 1000 },
    );
  });

  test('write, then read, is identity', () => {
    const some = fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      groups.map((each) => Uint8Array.from(each.flatMap((group) => [group >> 8, group & 0xff]))),
    );
    fc.assert(
      fc.property(some, (bytes) => {
        expect(parseIpv6(formatIpv6(bytes))).toEqual(bytes);
      }),
    );
  });
});
