/**
 * Numbers with a fraction, of 16, 32 and 64 bits: binary16, binary32 and binary64 of IEEE 754.
 *
 * Infinities and NaN pass. A finite number that would become infinite is refused, with the one exception that
 * Python makes, too: `f` in native mode converts as C does, and C makes it infinite. A bigint is taken as the
 * number nearest to it.
 */
import type { FieldCodec, MakeCodec } from './field-codec.ts';
import { HALF_OVERFLOW, halfFromBits, maybeHalfBits } from './half-float.ts';

/** A number below 65520 in size, or an infinity, or NaN. */
export const FLOAT16 = float(
  `a number below ${HALF_OVERFLOW} in size, an infinity or NaN`,
  (littleEndian) => ({
    read: (view, at) => halfFromBits(view.getUint16(at, littleEndian)),
    write: (view, at, number) => {
      const bits = maybeHalfBits(number);
      if (bits === undefined) return false;
      view.setUint16(at, bits, littleEndian);
      return true;
    },
  }),
);

/** A number whose nearest one in 32 bits is finite, or an infinity, or NaN. */
export const FLOAT32 = float(
  'a number below 3.4028236e+38 in size, an infinity or NaN',
  (littleEndian) => ({
    read: (view, at) => view.getFloat32(at, littleEndian),
    write: (view, at, number) => {
      if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) return false;
      view.setFloat32(at, number, littleEndian);
      return true;
    },
  }),
);

/** The `float` of C: what is too large becomes infinite. */
export const C_FLOAT = float('a number', (littleEndian) => ({
  read: (view, at) => view.getFloat32(at, littleEndian),
  write: (view, at, number) => {
    view.setFloat32(at, number, littleEndian);
    return true;
  },
}));

/** Any number. */
export const FLOAT64 = float('a number', (littleEndian) => ({
  read: (view, at) => view.getFloat64(at, littleEndian),
  write: (view, at, number) => {
    view.setFloat64(at, number, littleEndian);
    return true;
  },
}));

/** How a view is read and written; false when the number is too large. */
interface Access {
  readonly read: (view: DataView, at: number) => number;
  readonly write: (view: DataView, at: number, number: number) => boolean;
}

function float(expected: string, make: (littleEndian: boolean) => Access): MakeCodec {
  return ({ littleEndian }): FieldCodec => {
    const { read, write } = make(littleEndian);
    return {
      expected,
      read,
      write(view, at, value) {
        const number = maybeNumber(value);
        return number !== undefined && write(view, at, number);
      },
    };
  };
}

function maybeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
