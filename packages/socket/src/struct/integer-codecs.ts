/**
 * Integers of 8 to 64 bits.
 *
 * Up to 32 bits they are numbers. Those of 64 bits are bigints, always, also where the value is small: a type
 * that depended on the value would be no type. Both ways in, a number and a bigint will do. But a number beyond
 * 2 ** 53 is refused even where it would fit: it may have lost its last digits before it came here,
 * 9007199254740993 is 9007199254740992 as soon as it is written down.
 */
import type { FieldCodec, MakeCodec } from './field-codec.ts';

/** 8 bits with a sign. */
export const INT8 = upTo32Bits(-(2 ** 7), 2 ** 7 - 1, () => ({
  read: (view, at) => view.getInt8(at),
  set: (view, at, value) => view.setInt8(at, value),
}));

/** 8 bits without a sign. */
export const UINT8 = upTo32Bits(0, 2 ** 8 - 1, () => ({
  read: (view, at) => view.getUint8(at),
  set: (view, at, value) => view.setUint8(at, value),
}));

/** 16 bits with a sign. */
export const INT16 = upTo32Bits(-(2 ** 15), 2 ** 15 - 1, (littleEndian) => ({
  read: (view, at) => view.getInt16(at, littleEndian),
  set: (view, at, value) => view.setInt16(at, value, littleEndian),
}));

/** 16 bits without a sign. */
export const UINT16 = upTo32Bits(0, 2 ** 16 - 1, (littleEndian) => ({
  read: (view, at) => view.getUint16(at, littleEndian),
  set: (view, at, value) => view.setUint16(at, value, littleEndian),
}));

/** 32 bits with a sign. */
export const INT32 = upTo32Bits(-(2 ** 31), 2 ** 31 - 1, (littleEndian) => ({
  read: (view, at) => view.getInt32(at, littleEndian),
  set: (view, at, value) => view.setInt32(at, value, littleEndian),
}));

/** 32 bits without a sign. */
export const UINT32 = upTo32Bits(0, 2 ** 32 - 1, (littleEndian) => ({
  read: (view, at) => view.getUint32(at, littleEndian),
  set: (view, at, value) => view.setUint32(at, value, littleEndian),
}));

/** 64 bits with a sign. */
export const INT64 = of64Bits(-(2n ** 63n), 2n ** 63n - 1n, (littleEndian) => ({
  read: (view, at) => view.getBigInt64(at, littleEndian),
  set: (view, at, value) => view.setBigInt64(at, value, littleEndian),
}));

const UNSIGNED_64: MakeAccess<bigint> = (littleEndian) => ({
  read: (view, at) => view.getBigUint64(at, littleEndian),
  set: (view, at, value) => view.setBigUint64(at, value, littleEndian),
});

/** 64 bits without a sign. */
export const UINT64 = of64Bits(0n, 2n ** 64n - 1n, UNSIGNED_64);

/** A `void *`. As in Python, a negative number is the address with the same bits. */
export const POINTER = of64Bits(-(2n ** 63n), 2n ** 64n - 1n, UNSIGNED_64);

/** How a view is read, and written once the value has been checked. */
interface Access<Value> {
  readonly read: (view: DataView, at: number) => Value;
  readonly set: (view: DataView, at: number, value: Value) => void;
}

type MakeAccess<Value> = (littleEndian: boolean) => Access<Value>;

function upTo32Bits(lowest: number, highest: number, make: MakeAccess<number>): MakeCodec {
  const expected = `an integer from ${lowest} to ${highest}`;
  return ({ littleEndian }): FieldCodec => {
    const { read, set } = make(littleEndian);
    return {
      expected,
      read,
      write(view, at, value) {
        const number = typeof value === 'bigint' ? Number(value) : value;
        if (!Number.isInteger(number)) return false;
        const integer = number as number; // isInteger has seen to it
        if (integer < lowest || integer > highest) return false;
        set(view, at, integer);
        return true;
      },
    };
  };
}

function of64Bits(lowest: bigint, highest: bigint, make: MakeAccess<bigint>): MakeCodec {
  const expected = `an integer from ${lowest} to ${highest}, beyond 2 ** 53 - 1 a bigint`;
  return ({ littleEndian }): FieldCodec => {
    const { read, set } = make(littleEndian);
    return {
      expected,
      read,
      write(view, at, value) {
        const integer = maybeBigInt(value);
        if (integer === undefined || integer < lowest || integer > highest) return false;
        set(view, at, integer);
        return true;
      },
    };
  };
}

function maybeBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined; // a safe integer is a number
}
