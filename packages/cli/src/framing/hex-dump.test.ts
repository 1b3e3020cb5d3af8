import { expect, test } from 'vitest';
import { hexDump } from './hex-dump.ts';

test('sixteen bytes to a line, as hexdump -C has them', () => {
  const bytes = Buffer.from('Hello, world\n\u00e9 and so on, 34 bytes.\0');
  expect(hexDump(bytes)).toBe(
    [
      '00000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a c3 a9 20  |Hello, world... |',
      '00000010  61 6e 64 20 73 6f 20 6f  6e 2c 20 33 34 20 62 79  |and so on, 34 by|',
      '00000020  74 65 73 2e 00                                    |tes..|',
      '',
    ].join('\n'),
  );
});

test('a part says where it is', () => {
  expect(hexDump(Uint8Array.of(0x41), 0x10000)).toBe(`00010000  41${' '.repeat(48)}|A|\n`);
});

test('nothing has no lines', () => {
  expect(hexDump(Uint8Array.of())).toBe('');
});
