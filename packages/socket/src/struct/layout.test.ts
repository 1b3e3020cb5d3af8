import { describe, expect, test } from 'vitest';
import { MAX_STRUCT_SIZE, layoutOf } from './layout.ts';
import { StructError } from './struct-error.ts';

describe('sizes', () => {
  test.each<[string, number]>([
    // Python's documentation of struct, its examples
    ['>bhl', 7],
    ['@ci', 8],
    ['@ic', 5],
    ['@llh', 18],
    ['@llh0l', 24],
    ['@qh6xq', 24],
    ['@qqh6x', 24],
    ['<qh6xq', 24],
    ['<qqh', 18],
    // each letter
    ['<x c b B ?', 5],
    ['<hHe iIlLf qQd', 6 + 20 + 24],
    ['<s p', 2],
    ['l', 8],
    ['L', 8],
    ['n', 8],
    ['N', 8],
    ['P', 8],
    ['=lL', 8],
    ['!lL', 8],
    // alignment
    ['bi', 8],
    ['b0i', 4],
    ['b0l', 8],
    ['b0x0s0p0c0b0B0?', 1],
    ['b3s', 4],
    ['b2hq', 16],
    ['bebfbdb', 2 + 2 + 4 + 4 + 4 + 8 + 1],
    ['=b0l', 1],
    ['=bi', 5],
    // counts and white space
    ['', 0],
    ['@', 0],
    ['>', 0],
    ['0H', 0],
    ['00000000000000000000000000003H', 6],
    ['> H', 2],
    [' H\t\n\v\f\r2H ', 6],
    ['<10s', 10],
    [`${MAX_STRUCT_SIZE}x`, MAX_STRUCT_SIZE],
    [`<${(MAX_STRUCT_SIZE - 1) / 2}H`, MAX_STRUCT_SIZE - 1],
  ])('%j: %i', (format, size) => {
    expect(layoutOf(format).size).toBe(size);
  });
});

test('a count takes no room, and padding is no field', () => {
  const { fields, valueCount } = layoutOf('>1000000000B10x3s0s0H');
  expect(fields.map(({ offset, count, size }) => [offset, count, size])).toEqual([
    [0, 1_000_000_000, 1],
    [1_000_000_010, 1, 3],
    [1_000_000_013, 1, 0],
  ]);
  expect(valueCount).toBe(1_000_000_002);
});

const LETTERS = 'x c b B ? h H i I l L q Q n N e f d s p P';

describe('refuses', () => {
  test.each<[string, number, string]>([
    ['>Z', 1, `compile '>Z': 'Z' at index 1; expected ${LETTERS}`],
    ['3 H', 1, `compile '3 H': ' ' at index 1; expected ${LETTERS}`],
    ['H\0', 1, `compile 'H\0': '\0' at index 1; expected ${LETTERS}`],
    ['\u00e9', 0, `compile '\u00e9': '\u00e9' at index 0; expected ${LETTERS}`],
    ['H\u{1f436}', 1, `compile 'H\u{1f436}': '\u{1f436}' at index 1; expected ${LETTERS}`],
    ['\u00a0H', 0, `compile '\u00a0H': '\u00a0' at index 0; expected ${LETTERS}`],
    ['-1H', 0, `compile '-1H': '-' at index 0; expected ${LETTERS}`],
    [' >H', 1, `compile ' >H': '>' at index 1; expected it at index 0`],
    ['>>H', 1, `compile '>>H': '>' at index 1; expected it at index 0`],
    ['2>H', 1, `compile '2>H': '>' at index 1; expected it at index 0`],
    ['H12', 3, `compile 'H12': a count at the end; a letter has to follow it`],
    [
      '<3n',
      2,
      `compile '<3n': 'n' at index 2; only native mode has it, a format without a prefix or with '@'`,
    ],
    [
      'x2147483647x',
      1,
      `compile 'x2147483647x': it stands for more than 2147483647 bytes; use smaller counts`,
    ],
    [
      '99999999999999999999999Q',
      0,
      `compile '99999999999999999999999Q': it stands for more than 2147483647 bytes; use smaller counts`,
    ],
  ])('%j', (format, formatIndex, message) => {
    const error = errorOf(() => layoutOf(format));
    expect(error).toBeInstanceOf(StructError);
    expect(error).toMatchObject({ code: 'struct-error', format, formatIndex, message });
  });

  test.each(['=', '<', '>', '!'])('native letters behind %s', (prefix) => {
    for (const letter of 'nNP') expect(() => layoutOf(prefix + letter)).toThrow(StructError);
  });

  test('alignment that goes beyond the limit', () => {
    expect(() => layoutOf(`${MAX_STRUCT_SIZE}x0H`)).toThrow(StructError);
    expect(() => layoutOf(`${MAX_STRUCT_SIZE - 1}x0H`)).not.toThrow();
    expect(() => layoutOf(`${'9'.repeat(400)}x`)).toThrow(StructError);
  });

  test('a long format is not shown as a whole', () => {
    const error = errorOf(() => layoutOf(`${'H'.repeat(1000)}Z`));
    expect(error).toMatchObject({ formatIndex: 1000 });
    expect(String(error)).toContain(`compile '${'H'.repeat(60)}...': 'Z' at index 1000;`);
  });

  test('what is no text', () => {
    // @ts-expect-error a format is text
    expect(() => layoutOf(5)).toThrow(new TypeError("compile 5: a format is text, such as '>HI'"));
  });
});

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
