import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageError } from './errors.ts';
import { HeaderRecognizer } from './header-recognizer.ts';
import { parseHeader } from './header-parser.ts';
import { type Header } from './header.ts';

const PLAIN =
  '{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 41}';

describe('a learned shape', () => {
  test('is the same object for the same bytes', () => {
    const recognizer = learned(PLAIN);
    expect(recognize(recognizer, PLAIN)).toEqual(parse(PLAIN));
    expect(recognize(recognizer, PLAIN)).toBe(recognize(recognizer, PLAIN));
  });

  test('fits other lengths, of any number of digits', () => {
    const recognizer = learned(PLAIN);
    for (const length of ['0', '7', '42', '4100000', '9007199254740991']) {
      const text = PLAIN.replace('41', length);
      expect(recognize(recognizer, text)).toEqual(parse(text));
    }
    expect(recognize(recognizer, PLAIN)).toEqual(parse(PLAIN));
  });

  test('is the same object when a length comes again', () => {
    const recognizer = learned(PLAIN);
    const lengths = ['42', '7', '106', '1066', '4100000'];
    const headers = lengths.map((length) => recognize(recognizer, PLAIN.replace('41', length)));
    // 42, 106 and 1066 share one place.
    lengths.forEach((length, index) => {
      const header = recognize(recognizer, PLAIN.replace('41', length));
      expect(header).toEqual(headers[index]);
      if (length === '7' || length === '4100000') expect(header).toBe(headers[index]);
    });
  });

  test('fits other ids, in the order of the keys', () => {
    const text = PLAIN.replace('41}', '41, "trace": "x", "message-id": 7, "deadline-ms":\t900 }');
    const recognizer = learned(text);
    const next = text.replace('7', '8').replace('900', '15').replace('41', '1');
    const header = recognize(recognizer, next);
    expect(header).toEqual(parse(next));
    expect(Object.keys(header?.extensions ?? {})).toEqual(['trace', 'message-id', 'deadline-ms']);
    expect(Object.isFrozen(header)).toBe(true);
    expect(Object.isFrozen(header?.extensions)).toBe(true);
  });

  test('leaves headers alone that were given out before', () => {
    const recognizer = learned(PLAIN.replace('}', ', "message-id": 1}'));
    const first = recognize(recognizer, PLAIN.replace('}', ', "message-id": 1}'));
    recognize(recognizer, PLAIN.replace('41}', '5, "message-id": 2}'));
    expect(first).toEqual(parse(PLAIN.replace('}', ', "message-id": 1}')));
  });

  test.each([
    '041',
    '-41',
    '+41',
    '41.0',
    '4e1',
    '',
    '9007199254740992',
    '99999999999999999',
    '"41"',
  ])('does not fit the length %s', (length) => {
    expect(recognize(learned(PLAIN), PLAIN.replace('41', length))).toBeUndefined();
  });

  test('ends where the header ends', () => {
    const recognizer = learned(PLAIN);
    expect(recognize(recognizer, `${PLAIN} `)).toBeUndefined();
    expect(recognize(recognizer, PLAIN.slice(0, -1))).toBeUndefined();
    // The bytes behind a header are content, and may look like more digits.
    const bytes = utf8(PLAIN);
    expect(recognizer.recognize(bytes, 0, bytes.length - 2)).toBeUndefined();
  });

  test('is not looked for behind the end of the memory', () => {
    const recognizer = learned(PLAIN);
    for (let length = 0; length < PLAIN.length; length++) {
      expect(recognizer.recognize(utf8(PLAIN.slice(0, length)), 0, length)).toBeUndefined();
    }
  });
});

test.each([
  ['nested', PLAIN.replace('}', ', "x": {}}')],
  ['an array', PLAIN.replace('}', ', "x": []}')],
  ['a brace in a string', PLAIN.replace('}', ', "x": "{"}')],
  ['an escape', PLAIN.replace('utf-8', '\\u0075tf-8')],
  ['an escaped key', PLAIN.replace('content-length', 'content\\u002dlength')],
  ['two lengths', PLAIN.replace('}', ', "content-length": 5}')],
  ['a length among the values', PLAIN.replace('text/json', 'content-length')],
  ['two ids', PLAIN.replace('}', ', "message-id": 1, "message-id": 2}')],
  ['an id that is a string', PLAIN.replace('}', ', "message-id": "1"}')],
  ['an id among the values', PLAIN.replace('text/json', 'message-id')],
  ['a length with a fraction', PLAIN.replace('41', '41.0')],
  ['a length with an exponent', PLAIN.replace('41', '4e1')],
])('does not learn %s', (_, text) => {
  expect(recognize(learned(text), text)).toBeUndefined();
});

test('remembers so many shapes, the most recently used', () => {
  const recognizer = new HeaderRecognizer({ maxShapes: 2 });
  const [a, b, c] = ['a', 'b', 'c'].map((type) => PLAIN.replace('text/json', type));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three texts');
  teach(recognizer, a);
  teach(recognizer, b);
  expect(recognize(recognizer, a)).toBeDefined();
  teach(recognizer, c);
  expect(recognize(recognizer, b)).toBeUndefined();
  expect(recognize(recognizer, a)).toEqual(parse(a));
  expect(recognize(recognizer, c)).toEqual(parse(c));
});

test('gives up learning from a peer with ever new headers, and takes it up again', () => {
  const recognizer = new HeaderRecognizer();
  const strange = (index: number) => PLAIN.replace('}', `, "trace": "${index}"}`);
  const learnedOf = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const text = strange(first + index);
      teach(recognizer, text);
      return recognize(recognizer, text) === undefined ? 0 : 1;
    }).reduce<number>((sum, one) => sum + one, 0);
  // Recognising one, as this test does to see whether it was learned, would be success: so none is asked.
  for (let index = 0; index < 16; index++) teach(recognizer, strange(index));
  teach(recognizer, PLAIN);
  expect(recognize(recognizer, PLAIN)).toBeUndefined();
  for (let index = 17; index < 63; index++) teach(recognizer, strange(index));
  teach(recognizer, PLAIN);
  expect(recognize(recognizer, PLAIN)).toBeDefined();
  expect(learnedOf(1000, 16)).toBe(16);
});

test('remembers nothing when switched off', () => {
  const recognizer = new HeaderRecognizer({ maxShapes: 0 });
  teach(recognizer, PLAIN);
  expect(recognize(recognizer, PLAIN)).toBeUndefined();
});

test('never differs from parsing, whatever it has learned', () => {
  const number = fc.oneof(
    fc.nat(200).map(String),
    fc.maxSafeInteger().map(String),
    fc.constantFrom(
      '9007199254740991',
      '9007199254740992',
      '007',
      '1.0',
      '1e2',
      '-0',
      '""',
      'null',
    ),
  );
  const extension = fc.tuple(
    fc.constantFrom('message-id', 'in-reply-to', 'deadline-ms', 'content-length', 'x', '__proto__'),
    number,
  );
  const header = fc
    .record({
      type: fc.constantFrom(
        'text/json',
        'content-length',
        'message-id',
        'a{b',
        'a\\u0062',
        '\u00e9',
      ),
      colon: fc.constantFrom(': ', ':', ' :\t'),
      length: number,
      extensions: fc.array(extension, { maxLength: 3 }),
      end: fc.constantFrom('}', ' }', '}\n', ''),
    })
    .map(({ type, colon, length, extensions, end }) => {
      const more = extensions.map(([key, value]) => `, "${key}"${colon}${value}`).join('');
      return `{"byteorder"${colon}"big", "content-type": "${type}", "content-encoding": "utf-8", "content-length"${colon}${length}${more}${end}`;
    });
  /** Digits, quotes and separators are what could be mistaken; any byte may be put anywhere. */
  const mutation = fc.tuple(
    fc.nat(200),
    fc.oneof(
      fc.constantFrom('0', '9', '"', ',', ':', '{', '}', '[', '\\', ' '),
      fc.string({ maxLength: 1 }),
    ),
    fc.boolean(),
  );
  fc.assert(
    fc.property(
      fc.array(header, { minLength: 1, maxLength: 6 }),
      fc.array(mutation),
      (headers, mutations) => {
        const recognizer = new HeaderRecognizer();
        const variants = headers.flatMap((text) => [
          text,
          ...mutations.map((change) => mutate(text, change)),
        ]);
        for (const text of [...variants, ...headers]) {
          const expected = resultOf(() => parse(text));
          const actual = resultOf(() => recognize(recognizer, text) ?? teach(recognizer, text));
          expect(actual).toEqual(expected);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

function mutate(text: string, [position, character, insert]: [number, string, boolean]): string {
  const at = position % text.length;
  return text.slice(0, at) + character + text.slice(insert ? at : at + 1);
}

/** The header with its keys in order, or the code of the error. */
function resultOf(read: () => Header): unknown {
  try {
    const { extensions, ...rest } = read();
    return { ...rest, extensions: Object.entries(extensions) };
  } catch (error) {
    if (error instanceof MessageError) return error.code;
    throw error;
  }
}

function learned(text: string): HeaderRecognizer {
  const recognizer = new HeaderRecognizer();
  teach(recognizer, text);
  return recognizer;
}

function teach(recognizer: HeaderRecognizer, text: string): Header {
  const header = parse(text);
  const bytes = utf8(`??${text}41`);
  recognizer.learn(bytes, 2, bytes.length - 2, header);
  return header;
}

/** Reads the header from the middle of other bytes, as it lies in a receive buffer. */
function recognize(recognizer: HeaderRecognizer, text: string): Header | undefined {
  const bytes = utf8(`???${text}0`);
  return recognizer.recognize(bytes, 3, bytes.length - 1);
}

function parse(text: string): Header {
  return parseHeader(utf8(text));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
