/**
 * Thousands of formats, values and buffers, right and wrong, held against Python's own `struct`.
 *
 * All of them go to one process. A failure shows the case; the seed makes it come again.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { StructValue } from './field-codec.ts';
import { calcsize, iterUnpack, pack, packInto, unpack, unpackFrom } from './functions.ts';
import { StructError } from './struct-error.ts';

/**
 * A value for both languages, as a kind and a text: `i` integer in digits, `d` the 64 bits of a number in hex, `b`
 * bytes in hex, `s` text, `t` true or false, `n` nothing.
 */
type Wired = readonly [kind: string, text: string];

/** What Python is asked. */
interface Question {
  readonly format: string;
  readonly values: readonly Wired[];
  /** As long as the format says, most of the time. */
  readonly bytes: string;
  readonly buffer: string;
  readonly offset: number;
}

interface Case {
  readonly question: Question;
  /** Those of the question, as they are here. */
  readonly values: readonly StructValue[];
}

/** What came of each call: null for an error. */
interface Outcomes {
  readonly size: number | null;
  readonly packed: string | null;
  readonly packedInto: string | null;
  readonly unpacked: readonly Wired[] | null;
  readonly unpackedFrom: readonly Wired[] | null;
  readonly records: readonly (readonly Wired[])[] | null;
}

const CALLS = ['size', 'packed', 'packedInto', 'unpacked', 'unpackedFrom', 'records'] as const;

const PROGRAM = String.raw`
import json, struct, sys
def read(wired):
    kind, text = wired
    if kind == 'i': return int(text)
    if kind == 'd': return struct.unpack('>d', bytes.fromhex(text))[0]
    if kind == 'b': return bytes.fromhex(text)
    if kind == 't': return text == 'true'
    return text if kind == 's' else None
def wire(value):
    if isinstance(value, bool): return ['t', str(value).lower()]
    if isinstance(value, int): return ['i', str(value)]
    if isinstance(value, bytes): return ['b', value.hex()]
    return ['d', '7ff8000000000000' if value != value else struct.pack('>d', value).hex()]
def outcome(call):
    try: return call()
    except (struct.error, OverflowError, UnicodeEncodeError): return None
def into(case, values):
    buffer = bytearray.fromhex(case['buffer'])
    struct.pack_into(case['format'], buffer, case['offset'], *values)
    return buffer.hex()
def answer(case):
    form = case['format']
    values = [read(each) for each in case['values']]
    data, buffer = bytes.fromhex(case['bytes']), bytes.fromhex(case['buffer'])
    return {
        'size': outcome(lambda: struct.calcsize(form)),
        'packed': outcome(lambda: struct.pack(form, *values).hex()),
        'packedInto': outcome(lambda: into(case, values)),
        'unpacked': outcome(lambda: [wire(each) for each in struct.unpack(form, data)]),
        'unpackedFrom': outcome(lambda: [wire(each) for each in struct.unpack_from(form, buffer, case['offset'])]),
        'records': outcome(lambda: [[wire(each) for each in record] for record in struct.iter_unpack(form, buffer)]),
    }
print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
`;

const random = randomFrom(20_260_101);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

test('the same sizes, bytes, values and refusals as Python’s struct', () => {
  const cases = Array.from({ length: 6000 }, makeCase);
  const theirs = askPython(cases);
  const differences = cases.flatMap((each, index) => {
    const [ours, answer] = [ourOutcomes(each), theirs[index]];
    const differs = CALLS.filter(
      (call) => JSON.stringify(ours[call]) !== JSON.stringify(answer?.[call]),
    );
    return differs.map((call) =>
      JSON.stringify({ call, ours: ours[call], theirs: answer?.[call], ...each.question }),
    );
  });
  expect(differences.slice(0, 3)).toEqual([]);

  // The cases are worth something: each call succeeds often, and fails often.
  for (const call of CALLS) {
    const failures = theirs.filter((answer) => answer[call] === null).length;
    expect(failures, call).toBeGreaterThan(200);
    expect(theirs.length - failures, call).toBeGreaterThan(1000);
  }
});

function ourOutcomes({ question, values }: Case): Outcomes {
  const { format, bytes, buffer, offset } = question;
  const wireAll = (values: readonly StructValue[]) => {
    const types = typesOf(format);
    return values.map((value, index) => wire(value, types[index] === 'd'));
  };
  return {
    size: outcome(() => calcsize(format)),
    packed: outcome(() => hex(pack(format, ...values))),
    packedInto: outcome(() => {
      const into = fromHex(buffer);
      packInto(format, into, offset, ...values);
      return hex(into);
    }),
    unpacked: outcome(() => wireAll(unpack(format, fromHex(bytes)))),
    unpackedFrom: outcome(() => wireAll(unpackFrom(format, fromHex(buffer), offset))),
    records: outcome(() => [...iterUnpack(format, fromHex(buffer))].map(wireAll)),
  };
}

function outcome<Result>(call: () => Result): Result | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof StructError) return null;
    throw error;
  }
}

/** For each value of a sound format whether it has a fraction, `d`, which a number does not tell. */
function typesOf(format: string): string[] {
  return [...format.matchAll(/(\d*)([a-zA-Z?])/g)].flatMap(([, digits, letter = '']) => {
    if (letter === 'x') return [];
    const count = digits === '' || letter === 's' || letter === 'p' ? 1 : Number(digits);
    return Array.from({ length: count }, () => ('efd'.includes(letter) ? 'd' : ''));
  });
}

/** Of the many that there are, JavaScript has one. */
const NOT_A_NUMBER = '7ff8000000000000';

function wire(value: unknown, isFloat: boolean): Wired {
  if (value instanceof Uint8Array) return ['b', hex(value)];
  if (typeof value === 'boolean') return ['t', String(value)];
  if (typeof value === 'string') return ['s', value];
  if (typeof value === 'bigint') return ['i', String(value)];
  if (typeof value !== 'number') return ['n', ''];
  if (!isFloat && Number.isInteger(value)) return ['i', String(value + 0)];
  if (Number.isNaN(value)) return ['d', NOT_A_NUMBER];
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return ['d', bits.toString('hex')];
}

function askPython(cases: readonly Case[]): readonly Outcomes[] {
  const output = execFileSync('python3', ['-c', PROGRAM], {
    input: JSON.stringify(cases.map(({ question }) => question)),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // The program above decides the form.
  return JSON.parse(output) as Outcomes[];
}

function makeCase(): Case {
  const prefix = pick(['', '@', '=', '<', '>', '!']);
  const native = prefix === '' || prefix === '@';
  const values: StructValue[] = [];
  const floats: boolean[] = [];
  let format = prefix;
  for (let items = below(6); items > 0; items--) {
    if (chance(0.2)) format += pick([' ', '\t', '\n', '\v', '\f', '\r', '  ']);
    if (chance(0.02)) format += pick(WRONG_ITEMS);
    const letter = pick(native || chance(0.01) ? NATIVE_LETTERS : STANDARD_LETTERS);
    const drawn = chance(0.5) ? undefined : pick([0, 0, 1, 2, 3, 5, chance(0.05) ? 300 : 4]);
    // Python writes a byte outside of '0p', and cannot read it: the count is none of those tried here.
    const count = letter === 'p' && drawn === 0 ? 1 : drawn;
    format += count === undefined ? letter : `${chance(0.1) ? '00' : ''}${count}${letter}`;
    const repeats = letter === 'x' ? 0 : letter === 's' || letter === 'p' ? 1 : (count ?? 1);
    for (let left = repeats; left > 0; left--) {
      values.push(makeValue(letter, { native, length: count ?? 1 }));
      floats.push('efd'.includes(letter));
    }
  }
  const surplus = chance(0.9) ? 0 : pick([-1, 1]);
  if (surplus < 0) values.pop();
  if (surplus > 0) values.push(1);
  const wired = values.map((value, index) => wire(value, floats[index] === true));
  const size = outcome(() => calcsize(format)) ?? 4;
  const length = size === 0 ? below(3) : chance(0.5) ? size * below(4) : size + below(9);
  const offset = chance(0.3) ? 0 : below(2 * length + 4) - length - 2;
  const bytes = randomBytes(chance(0.9) ? size : Math.max(size + below(3) - 1, 0));
  const buffer = randomBytes(length);
  return {
    question: { format, values: wired, bytes: hex(bytes), buffer: hex(buffer), offset },
    values,
  };
}

const STANDARD_LETTERS = 'x c b B ? h H i I l L q Q e f d s p'.split(' ');
const NATIVE_LETTERS = [...STANDARD_LETTERS, 'n', 'N', 'P'];

/** What is no format, here or at all; counts that are larger than anything. */
const WRONG_ITEMS = [
  'z',
  '3 ',
  '\0',
  '-',
  '@',
  '>',
  '\u00e9',
  '\u00a0',
  '99999999999999999999x',
  '99999999999999999999Q',
  '7',
];

const WRONG_VALUES = [
  'text',
  '',
  1.5,
  -0.5,
  new Uint8Array(2),
  undefined,
  10n ** 400n,
  -(2n ** 63n) - 1n,
  2n ** 64n,
];

const BITS: Readonly<Record<string, number>> = {
  b: 8,
  B: 8,
  h: 16,
  H: 16,
  i: 32,
  I: 32,
  l: 32,
  L: 32,
};

const HALF_EDGES = [65_504, 65_519.999, 65_520, -65_520, 2 ** -14, 2 ** -24, 2 ** -25];
const HALF_MIDDLES = [1, 3].map((odd) => 1 + odd * 2 ** -11);
/** Around the largest number of 32 bits, and the smallest. */
const SINGLE_EDGES = [3.4028235677973362e38, 3.4028235677973366e38, -1e39, 2 ** -149, 2 ** -150];
const FLOATS = [0, -0, 1, -1.5, 0.1, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE].concat(
  HALF_EDGES,
  HALF_MIDDLES,
  [...HALF_MIDDLES, 2 ** -25].flatMap((middle) => [middle + 2 ** -40, middle - 2 ** -40]),
  SINGLE_EDGES,
);

function makeValue(letter: string, field: { native: boolean; length: number }): StructValue {
  if (letter === '?') return pick([true, false, 0, 1, -7, 0n, 2n ** 70n, 0.5, NaN]);
  // Values of other types come in as from callers without types.
  if (chance(0.03)) return pick(WRONG_VALUES) as StructValue;
  if (letter === 'c') return randomBytes(chance(0.97) ? 1 : below(3));
  if (letter === 's' || letter === 'p') return randomBytes(below(field.length + 3));
  if ('efd'.includes(letter)) return makeNumber(letter === 'e' ? 20 : letter === 'f' ? 130 : 1070);
  const bits = field.native && 'lL'.includes(letter) ? 64n : BigInt(BITS[letter] ?? 64);
  const signed = letter === letter.toLowerCase();
  const lowest = signed || letter === 'P' ? -(2n ** (bits - 1n)) : 0n;
  const highest = signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  const edges = [
    lowest,
    lowest + 1n,
    highest - 1n,
    highest,
    0n,
    1n,
    highest / 2n,
    highest / 2n + 1n,
  ];
  const outside = [lowest - 1n, highest + 1n, 2n * highest, 3n * lowest - 1n];
  const inside = lowest + (BigInt(below(2 ** 32)) * (highest - lowest)) / BigInt(2 ** 32);
  const value = chance(0.03) ? pick(outside) : chance(0.4) ? pick(edges) : inside;
  const number = Number(value);
  return Number.isSafeInteger(number) && chance(0.6) ? number : value;
}

function makeNumber(exponents: number): number | bigint {
  if (chance(0.3)) return pick(FLOATS);
  if (chance(0.1)) return BigInt(below(70_000)) ** BigInt(1 + below(3));
  return (chance(0.5) ? 1 : -1) * (1 + random()) * 2 ** (below(2 * exponents) - exponents);
}

function randomBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => pick([0, 1, 2, 127, 128, 255, below(256), below(256)]));
}

function chance(probability: number): boolean {
  return random() < probability;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

function pick<Item>(items: readonly Item[]): Item {
  return items[below(items.length)] as Item; // the index is below the length, and no list is empty
}

/** Numbers from 0 to below 1 that a seed decides: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
