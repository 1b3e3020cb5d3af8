import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJsonContent } from './content.ts';
import { FlatJsonReader, MAX_FLAT_LENGTH } from './flat-json-reader.ts';
import { createHeader } from './header.ts';
import type { JsonObject } from './json.ts';

const HEADER = createHeader('little', 'text/json', 'utf-8', 0, {});

const USUAL = [
  '{"action": "search", "value": "morpheus"}',
  '{"action":"search","value":"ring"}',
  '{"action": "search", "value": "\u{1f436}"}',
  '{"result": "Follow the white rabbit. \u{1f430}"}',
  '{"result": "In the caves beneath the mountains, where nobody has ever been"}',
  '{"id": 7, "ok": true, "no": false, "none": null, "below": -12, "zero": -0}',
  '{\n  "id": 999999999999999,\r\n\t"name" : ""\n}',
  `{"action": "note", "value": "${'x'.repeat(MAX_FLAT_LENGTH - 31)}"}`,
];

describe('recognises what is usual', () => {
  test.each(USUAL)('%s', (text) => {
    const reader = new FlatJsonReader();
    const bytes = utf8(text);
    expect(bytes.length).toBeLessThanOrEqual(MAX_FLAT_LENGTH);
    expect(reader.maybeRead(bytes, 0, bytes.length)).toBeUndefined();
    reader.learn(parse(bytes));
    expect(shown(reader.maybeRead(bytes, 0, bytes.length))).toEqual(shown(parse(bytes)));
  });

  test('one after another, again and again', () => {
    const reader = learned(USUAL);
    const texts = [...USUAL, ...USUAL];
    const objects = texts.map((text) => read(reader, text));
    expect(objects.map(shown)).toEqual(texts.map((text) => shown(parse(utf8(text)))));
  });

  test('objects whose keys begin alike', () => {
    const texts = ['{"a": 1, "b": 2, "c": 3}', '{"a": 4, "b": 5}', '{"a": 6, "c": 7}', '{"a": 8}'];
    for (const order of [texts, texts.toReversed()]) {
      const reader = learned(order);
      const all = [...texts, ...texts.toReversed()];
      const objects = all.map((text) => read(reader, text));
      expect(objects.map(shown)).toEqual(all.map((text) => shown(parse(utf8(text)))));
    }
  });
});

test('gives a new object each time', () => {
  const reader = learned(['{"a": 1}']);
  const objects = [2, 3, 4].map((value) => read(reader, `{"a": ${value}}`));
  expect(objects).toEqual([{ a: 2 }, { a: 3 }, { a: 4 }]);
});

test.each([
  ['other keys', '{"b": 1}'],
  ['a key in another spelling', '{"\\u0061": 1}'],
  ['a key too many', '{"a": 1, "b": 1}'],
  ['a key twice', '{"a": 1, "a": 2}'],
  ['no key', '{}'],
  ['an array', '{"a": []}'],
  ['an object', '{"a": {}}'],
  ['an escape', '{"a": "\\n"}'],
  ['a control character', '{"a": "\n"}'],
  ['half a character', '{"a": "\\ud83d"}'],
  ['a fraction', '{"a": 1.0}'],
  ['an exponent', '{"a": 1e2}'],
  ['a leading zero', '{"a": 01}'],
  ['a sign alone', '{"a": -}'],
  ['two signs', '{"a": --1}'],
  ['a plus sign', '{"a": +1}'],
  ['sixteen digits', '{"a": 1000000000000000}'],
  ['a wide integer', '{"a": 9007199254740993}'],
  ['a word cut short', '{"a": tru}'],
  ['a word too long', '{"a": nulls}'],
  ['another word', '{"a": NaN}'],
  ['no value', '{"a": }'],
  ['no colon', '{"a" 1}'],
  ['a comma too many', '{"a": 1,}'],
  ['white space of another kind', '{"a":\u00a01}'],
  ['white space in front', ' {"a": 1}'],
  ['white space behind', '{"a": 1} '],
  ['something behind', '{"a": 1}}'],
  ['no closing brace', '{"a": 1'],
  ['no closing quote', '{"a": "x'],
  ['a byte order mark', '\ufeff{"a": 1}'],
])('leaves %s to the parser', (_, text) => {
  const reader = learned(['{"a": 1}']);
  expect(read(reader, text)).toBeUndefined();
  expect(read(reader, '{"a": 1}')).toEqual({ a: 1 });
});

test.each(['\\n', '\\"', '\\\\', '\n', '\0', '\u001f'])(
  'leaves text with %j to the parser, wherever it stands',
  (special) => {
    const reader = learned(['{"a": ""}']);
    for (let place = 0; place <= 40; place++) {
      const text = 'x'.repeat(place) + special + 'x'.repeat(40 - place);
      expect(read(reader, `{"a": "${text}"}`)).toBeUndefined();
    }
  },
);

test('reads text of any length, with a character beyond ASCII anywhere or nowhere', () => {
  const reader = learned(['{"a": ""}']);
  for (const special of ['', '\u00e9', '\u20ac', '\u{1f436}', '\u007f']) {
    for (let length = 0; length <= 40; length++) {
      for (let place = 0; place <= length; place++) {
        const text = 'x'.repeat(place) + special + 'x'.repeat(length - place);
        expect(read(reader, `{"a": "${text}"}`)).toEqual({ a: text });
      }
    }
  }
});

test.each([[[0xff]], [[0xc3]], [[0xc0, 0xa2]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]]])(
  'leaves the bytes %j, which are not UTF-8, to the parser',
  (bad) => {
    const reader = learned(['{"a": ""}']);
    const bytes = Uint8Array.of(...utf8('{"a": "'), ...bad, ...utf8('"}'));
    expect(reader.maybeRead(bytes, 0, bytes.length)).toBeUndefined();
  },
);

test.each([
  ['a key with an escape', '{"\\n": 1}'],
  ['a key beyond ASCII', '{"\u00e9": 1}'],
  ['a long key', `{"${'k'.repeat(33)}": 1}`],
  ['many keys', JSON.stringify(Object.fromEntries(Array.from('abcdefghijklmnopq', (k) => [k, 1])))],
  ['nested values', '{"a": {"b": 1}}'],
])('does not learn %s', (_, text) => {
  expect(read(learned([text]), text)).toBeUndefined();
});

test.each([
  ['{"\\n": 1}', '{"\n": 1}'],
  ['{"\\u0000": 1}', '{"\0": 1}'],
  ['{"\\\\": 1}', '{"\\": 1}'],
  ['{"\\"": 1}', '{""": 1}'],
  ['{"\\ud800": 1}', '{"\ufffd": 1}'],
])('having met %j, does not mistake %j for it', (met, other) => {
  expect(read(learned([met]), other)).toBeUndefined();
});

test('a learned shape is forgotten when sixteen others came', () => {
  const texts = Array.from({ length: 17 }, (_, index) => `{"key${index}": 1}`);
  const [first = '', last = '', ...others] = texts;
  const reader = learned([first, ...others]);
  for (const text of [first, ...others]) expect(read(reader, text)).toBeDefined();
  learn(reader, last);
  expect(read(reader, first)).toBeUndefined();
  for (const text of [last, ...others]) expect(read(reader, text)).toBeDefined();
});

test('what is known already, or cannot be recognised, makes it forget nothing', () => {
  const reader = learned(['{"a": 1}', ...Array.from({ length: 15 }, () => '{"b": 1}')]);
  for (let count = 0; count < 16; count++) {
    expect(read(reader, '{"a": 1}')).toBeDefined();
    learn(reader, `{"key${count}": []}`);
    learn(reader, '{"b": 1}');
  }
  expect(read(reader, '{"b": 1}')).toBeDefined();
  expect(read(reader, '{"a": 1}')).toBeDefined();
});

test('looks more rarely when nothing is recognised, and recovers', () => {
  const reader = learned(['{"a": 1}']);
  for (let count = 0; count < 16; count++) learn(reader, '{"a": []}');
  expect(read(reader, '{"a": 1}')).toBeUndefined();
  for (let count = 17; count < 32; count++) learn(reader, '{"a": []}');
  expect(read(reader, '{"a": 1}')).toBeDefined();
  learn(reader, '{"a": []}');
  expect(read(reader, '{"a": 1}')).toBeDefined();
});

test('asks no prototype when it fills an object in', () => {
  const reader = learned(['{"trap": 1, "toString": 2}']);
  const asked: unknown[] = [];
  try {
    Reflect.defineProperty(Object.prototype, 'trap', {
      configurable: true,
      set(value) {
        asked.push(value);
      },
    });
    const value = read(reader, '{"trap": 3, "toString": 4}') ?? {};
    expect(asked).toEqual([]);
    expect(Object.getOwnPropertyDescriptor(value, 'trap')?.value).toBe(3);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'trap');
  }
});

test('never differs from parsing, whatever it has learned', () => {
  const space = fc.constantFrom('', '', ' ', '\n', '\t\r ');
  const plainKey = fc.constantFrom('a', 'b', 'action', 'a value', '', '__proto__', 'toString', '2');
  const oddKey = fc.constantFrom('1', '10', '\u00e9', '\\u0061', 'a\\n', 'a message-identifier');
  const plain = Array.from('aZ0 {}:,/\u007f\u00e9\u20ac\u{1f436}\u2028\ufeff');
  const plainPiece = fc.constantFrom(...plain);
  const oddPiece = fc.constantFrom(
    '\\n',
    '\\"',
    '\\\\',
    '\\u0041',
    '\\ud800',
    '\\',
    '\n',
    '\0',
    '"',
  );
  const textOf = (piece: fc.Arbitrary<string>) =>
    fc.array(piece, { maxLength: 24 }).map((pieces) => `"${pieces.join('')}"`);
  const plainValue = fc.oneof(
    textOf(plainPiece),
    fc.integer().map(String),
    fc.constantFrom('0', '-0', 'true', 'false', 'null', '9'.repeat(15)),
  );
  const oddValue = fc.oneof(
    textOf(fc.oneof(plainPiece, oddPiece)),
    fc.constantFrom('007', '-', '1.5', '1.', '1e3', '12e400', '+1', '-01', '9'.repeat(16)),
    fc.constantFrom('9007199254740991', '9007199254740993', '-1000000000000000'),
    fc.constantFrom('tru', 'nulls', 'NaN', '[]', '{}', '[1, 2]', '{"a": 1}', ''),
  );
  const objectOf = (
    key: fc.Arbitrary<string>,
    value: fc.Arbitrary<string>,
    end: fc.Arbitrary<string>,
  ) => {
    const entry = fc
      .tuple(key, space, space, value, space)
      .map(([name, ...rest]) => `"${name}"${rest[0]}:${rest[1]}${rest[2]}${rest[3]}`);
    return fc
      .tuple(fc.array(entry, { maxLength: 4 }), space, end)
      .map(([entries, first, last]) => `{${first}${entries.join(`,${first}`)}${last}`);
  };
  const content = fc.oneof(
    { weight: 6, arbitrary: objectOf(plainKey, plainValue, fc.constant('}')) },
    {
      weight: 3,
      arbitrary: objectOf(
        fc.oneof(plainKey, oddKey),
        fc.oneof(plainValue, oddValue),
        fc.constantFrom('}', '} ', ',}', ''),
      ),
    },
    fc.json(),
    fc.string(),
  );
  const bytes = content.map(utf8);
  const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0x22, 0x2c, 0x7d, 0x30)));
  const around = fc.tuple(
    fc.constantFrom('', '{', '??'),
    fc.constantFrom('', '}', '"}', '0}', '?'),
  );
  let recognised = 0;
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 5 }),
      fc.array(change, { maxLength: 3 }),
      around,
      (contents, changes, [before, behind]) => {
        const reader = new FlatJsonReader();
        const variants = contents.flatMap((content) => [
          content,
          ...changes.map((one) => changed(content, one)),
        ]);
        for (const content of [...variants, ...variants]) {
          const all = Uint8Array.of(...utf8(before), ...content, ...utf8(behind));
          const start = before.length;
          const flat = reader.maybeRead(all, start, start + content.length);
          const expected = resultOf(() => parse(content));
          if (flat !== undefined) {
            recognised += 1;
            expect(shown(flat)).toEqual(expected);
          } else if (typeof expected !== 'string') {
            reader.learn(parse(content));
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(recognised).toBeGreaterThan(1000);
});

/** All there is to know of an object that JSON can hold, with its keys in order. */
function shown(value: JsonObject | undefined): unknown {
  if (value === undefined) return undefined;
  return [Object.getPrototypeOf(value), Object.entries(Object.getOwnPropertyDescriptors(value))];
}

/** What {@link shown} shows, or the message of the error. */
function resultOf(parse: () => JsonObject): unknown {
  try {
    return shown(parse());
  } catch (error) {
    return String(error);
  }
}

function learned(texts: readonly string[]): FlatJsonReader {
  const reader = new FlatJsonReader();
  for (const text of texts) learn(reader, text);
  return reader;
}

function learn(reader: FlatJsonReader, text: string): void {
  reader.learn(parse(utf8(text)));
}

/** Reads content from the middle of other bytes, as it lies in a receive buffer. */
function read(reader: FlatJsonReader, text: string): JsonObject | undefined {
  const bytes = utf8(`???${text}}`);
  return reader.maybeRead(bytes, 3, bytes.length - 1);
}

function parse(bytes: Uint8Array): JsonObject {
  return readJsonContent(bytes, 'utf-8', HEADER, 0);
}

function changed(bytes: Uint8Array, [position, byte]: [number, number]): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) copy[position % copy.length] = byte;
  return copy;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
