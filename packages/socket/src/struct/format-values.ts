/**
 * The types of values, read from a literal format by the compiler.
 *
 * `'>HI4s'` is `[number, number, Uint8Array]`. The compiler walks through the format letter by letter, as
 * `layout.ts` does at run time. Where it cannot, the type is that of any values: the format is not a literal, it is
 * longer than {@link LongestFormat}, a letter with a count of three digits or more would repeat its type, or it is
 * no format, which the call will say.
 */
import type { StructValue } from './field-codec.ts';

/**
 * The values that `unpack` gives for a format.
 *
 * @example
 * ```ts
 * type Header = UnpackedValues<'>HQ'>; // [number, bigint]
 * ```
 */
export type UnpackedValues<Format extends string> = string extends Format
  ? StructValue[]
  : Format extends `@${infer Items}`
    ? ValuesOf<Items, NativeTypes>
    : Format extends `${'=' | '<' | '>' | '!'}${infer Items}`
      ? ValuesOf<Items, StandardTypes>
      : ValuesOf<Format, NativeTypes>;

/** The values that `pack` takes for a format: integers as numbers or as bigints, and the rest as it comes out. */
export type PackedValues<Format extends string> = Accepted<UnpackedValues<Format>>;

type Accepted<Values extends readonly StructValue[]> = {
  [Index in keyof Values]: AcceptedAs<Values[Index]>;
};

type AcceptedAs<Value> = Value extends number | bigint
  ? number | bigint
  : Value extends boolean
    ? boolean | number | bigint
    : Value;

/** The types of the letters that may be repeated. */
interface StandardTypes {
  c: Uint8Array;
  '?': boolean;
  b: number;
  B: number;
  h: number;
  H: number;
  i: number;
  I: number;
  l: number;
  L: number;
  q: bigint;
  Q: bigint;
  e: number;
  f: number;
  d: number;
}

interface NativeTypes extends Omit<StandardTypes, 'l' | 'L'> {
  l: bigint;
  L: bigint;
  n: bigint;
  N: bigint;
  P: bigint;
}

/** In characters. The compiler stops at 1000 steps and at 10,000 members of a tuple: 99H, 33 times, is 3267. */
type LongestFormat = 100;

type Space = ' ' | '\t' | '\n' | '\v' | '\f' | '\r';
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/**
 * @param Rest what has not been read
 * @param Digits the count that was read last, until its letter comes
 * @param Found the types so far
 * @param Steps one member for each character that was read
 */
type ValuesOf<
  Rest extends string,
  Types,
  Digits extends string = '',
  Found extends StructValue[] = [],
  Steps extends unknown[] = [],
> = Rest extends ''
  ? Digits extends ''
    ? Found
    : StructValue[]
  : Steps['length'] extends LongestFormat
    ? StructValue[]
    : Rest extends `${infer First}${infer Others}`
      ? First extends Digit
        ? ValuesOf<Others, Types, `${Digits}${First}`, Found, [...Steps, 0]>
        : First extends Space
          ? Digits extends ''
            ? ValuesOf<Others, Types, '', Found, [...Steps, 0]>
            : StructValue[]
          : First extends 'x'
            ? ValuesOf<Others, Types, '', Found, [...Steps, 0]>
            : First extends 's' | 'p'
              ? ValuesOf<Others, Types, '', [...Found, Uint8Array], [...Steps, 0]>
              : First extends keyof Types
                ? Repeated<Types[First], Digits> extends infer More extends StructValue[]
                  ? number extends More['length']
                    ? StructValue[]
                    : ValuesOf<Others, Types, '', [...Found, ...More], [...Steps, 0]>
                  : StructValue[]
                : StructValue[]
      : StructValue[];

/** As many of a type as the digits say; a list of unknown length where they are too many of them. */
type Repeated<Type, Digits extends string> = Digits extends ''
  ? [Type]
  : Digits extends Digit
    ? Times<Type, ToNumber<Digits>>
    : Digits extends `${Digit}${Digit}`
      ? Times<Type, ToNumber<Digits>>
      : Type[];

/** Not of `'07'`: the compiler turns only those digits into a number that a number turns into. */
type ToNumber<Digits extends string> = Digits extends `${infer Count extends number}`
  ? Count
  : never;

type Times<Type, Count extends number, Found extends Type[] = []> = number extends Count
  ? Type[]
  : Found['length'] extends Count
    ? Found
    : Times<Type, Count, [...Found, Type]>;
