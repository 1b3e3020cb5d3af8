import { expect, expectTypeOf, test } from 'vitest';
import type { StructValue } from './field-codec.ts';
import type { PackedValues, UnpackedValues } from './format-values.ts';
import { iterUnpack, pack, packInto, unpack, unpackFrom } from './functions.ts';
import { StructError } from './struct-error.ts';
import { Struct } from './struct.ts';

type Ten<Text extends string> =
  `${Text}${Text}${Text}${Text}${Text}${Text}${Text}${Text}${Text}${Text}`;

test('a literal format is a tuple', () => {
  expectTypeOf<UnpackedValues<'>HI'>>().toEqualTypeOf<[number, number]>();
  expectTypeOf<UnpackedValues<'!bBhHiIlLefd'>['length']>().toEqualTypeOf<11>();
  expectTypeOf<UnpackedValues<'<lLqQ'>>().toEqualTypeOf<[number, number, bigint, bigint]>();
  expectTypeOf<UnpackedValues<'lL'>>().toEqualTypeOf<[bigint, bigint]>();
  expectTypeOf<UnpackedValues<'@lLn'>>().toEqualTypeOf<[bigint, bigint, bigint]>();
  expectTypeOf<UnpackedValues<'NPq'>>().toEqualTypeOf<[bigint, bigint, bigint]>();
  expectTypeOf<UnpackedValues<'=?c'>>().toEqualTypeOf<[boolean, Uint8Array]>();
  expectTypeOf<UnpackedValues<'>20sH300p'>>().toEqualTypeOf<[Uint8Array, number, Uint8Array]>();
  expectTypeOf<UnpackedValues<'> 2H\n3x\tq '>>().toEqualTypeOf<[number, number, bigint]>();
  expectTypeOf<UnpackedValues<'>0Hb0s'>>().toEqualTypeOf<[number, Uint8Array]>();
  expectTypeOf<UnpackedValues<'>99B'>['length']>().toEqualTypeOf<99>();
  expectTypeOf<UnpackedValues<''>>().toEqualTypeOf<[]>();
  expectTypeOf<UnpackedValues<'<'>>().toEqualTypeOf<[]>();
  expectTypeOf<UnpackedValues<'>H' | '>Q'>>().toEqualTypeOf<[number] | [bigint]>();
  expectTypeOf<UnpackedValues<`>${Ten<Ten<'B'>>}`>['length']>().toEqualTypeOf<100>();
  expectTypeOf<
    UnpackedValues<`>${Ten<'99B'>}${Ten<'99B'>}${Ten<'99B'>}`>['length']
  >().toEqualTypeOf<2970>();
});

test('anything else is any values', () => {
  expectTypeOf<UnpackedValues<string>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<`>${number}H`>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<`>${string}`>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'>100B'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'>07B'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<`>${Ten<Ten<'B'>>}B`>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<Ten<Ten<Ten<'B'>>>>>().toEqualTypeOf<StructValue[]>();
  // no formats
  expectTypeOf<UnpackedValues<'>n'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'>Z'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'>>H'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'3 H'>>().toEqualTypeOf<StructValue[]>();
  expectTypeOf<UnpackedValues<'H3'>>().toEqualTypeOf<StructValue[]>();
});

test('what is packed may be a number or a bigint', () => {
  type Integer = number | bigint;
  expectTypeOf<PackedValues<'>Hq?4sd'>>().toEqualTypeOf<
    [Integer, Integer, boolean | Integer, Uint8Array, Integer]
  >();
  expectTypeOf<PackedValues<string>>().toEqualTypeOf<(Integer | boolean | Uint8Array)[]>();
});

test('hold in calls', () => {
  const bytes = pack('>HI', 1, 2);
  expectTypeOf(bytes).toEqualTypeOf<Uint8Array>();
  expectTypeOf(unpack('>HI', bytes)).toEqualTypeOf<[number, number]>();
  expectTypeOf(unpackFrom('>I', bytes, 2)).toEqualTypeOf<[number]>();
  expectTypeOf(iterUnpack('>BH', bytes)).toEqualTypeOf<IterableIterator<[number, number]>>();
  const format: string = '>HI';
  expectTypeOf(unpack(format, bytes)).toEqualTypeOf<StructValue[]>();

  const struct = new Struct('>Hq');
  expectTypeOf(struct.unpack).returns.toEqualTypeOf<[number, bigint]>();
  expectTypeOf(struct.pack).parameters.toEqualTypeOf<[number | bigint, number | bigint]>();
  const any: Struct = new Struct(format);
  expectTypeOf(any.unpack).returns.toEqualTypeOf<StructValue[]>();

  // @ts-expect-error too few
  expect(() => pack('>HI', 1)).toThrow(StructError);
  // @ts-expect-error too many
  expect(() => pack('>H', 1, 2)).toThrow(StructError);
  // @ts-expect-error text is no number
  expect(() => packInto('>H', bytes, 0, '1')).toThrow(StructError);
  // @ts-expect-error text is no bytes
  expect(() => new Struct('>Hs').pack(1, 'x')).toThrow(StructError);
});
