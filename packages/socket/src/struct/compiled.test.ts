import { expect, test, vi } from 'vitest';
import { compiled } from './compiled.ts';
import { StructError } from './struct-error.ts';

test('a format that was used lately is not compiled again', () => {
  expect(compiled('>H')).toBe(compiled('>H'));
  expect(compiled('>H')).not.toBe(compiled('<H'));
  expect(compiled('>H')).toMatchObject({ format: '>H', size: 2 });
});

test('a hundred are kept; one more, and all of them go', async () => {
  vi.resetModules();
  const { compiled } = await import('./compiled.ts');
  const first = compiled('0x');
  for (let count = 1; count < 100; count++) compiled(`${count}x`);
  expect(compiled('0x')).toBe(first);
  compiled('100x');
  expect(compiled('0x')).not.toBe(first);
});

test('a format that is none is not kept', () => {
  for (const _ of [1, 2]) expect(() => compiled('>Z')).toThrow(StructError);
});
