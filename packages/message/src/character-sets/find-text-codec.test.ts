/** Every encoding against Python's own codec of that name: code by code, and with random bytes. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { aliasesOf, CHARACTER_SET_NAMES, findCharacterSetName } from './character-set-names.ts';
import { findTextCodec } from './character-sets.ts';
import { CharacterError } from './text-codec.ts';

/** What Python says, for every encoding, in one run of it. */
interface PythonAnswers {
  /** For each code (hex) what it decodes to; codes that are not valid are left out. */
  readonly characters: Readonly<Record<string, string>>;
  /** Each code point of the sample that the encoding has, and its bytes in hex. */
  readonly bytes: Readonly<Record<string, string>>;
  /** Random bytes (hex), and their text; null where they are not valid. */
  readonly random: Readonly<Record<string, string | null>>;
  readonly aliases: readonly string[];
}

const PROGRAM = String.raw`
import encodings.aliases, json, random, sys
random.seed(1)
SAMPLE = [chr(c) for c in [*range(0x20, 0x180), *range(0x370, 0x460), *range(0x5d0, 0x5eb),
    *range(0x2010, 0x2040), *range(0x20a0, 0x20c0), *range(0x2500, 0x2580), *range(0x3000, 0x3100),
    *range(0x4e00, 0x4f00), *range(0xac00, 0xac80), *range(0xff00, 0xfff0), 0xfffd, 0x1f436]]
PIECES = [s.encode for s in ['{"a": "', 'é', '"}', '日本', '한', '中文', 'Привет', '€', '\U0001f436', '\x00']]
def codes(name):
    if name.startswith('utf'):
        return
    for first in range(256):
        yield bytes([first])
    for first in range(0x80, 0x100):
        for second in range(256):
            yield bytes([first, second])
    if name == 'euc_jp':
        for second in range(0xa0, 0x100):
            for third in range(0xa0, 0x100):
                yield bytes([0x8f, second, third])
def answers(name):
    characters, encoded, rand = {}, {}, {}
    for code in codes(name):
        try:
            text = code.decode(name)
            if len(code) == 1 or len(text) == 1:
                characters[code.hex()] = text
        except UnicodeDecodeError:
            pass
    for character in SAMPLE:
        try:
            encoded[character] = character.encode(name).hex()
        except UnicodeEncodeError:
            pass
    for _ in range(1500):
        data = b''
        for _ in range(random.randrange(1, 6)):
            if random.random() < 0.7:
                try:
                    data += random.choice(PIECES)(name)
                except UnicodeEncodeError:
                    data += random.randbytes(1)
            else:
                data += random.randbytes(random.randrange(1, 5))
        if random.random() < 0.3:
            data = data[:-1]
        try:
            rand[data.hex()] = data.decode(name)
        except UnicodeDecodeError:
            rand[data.hex()] = None
    aliases = [alias for alias, target in encodings.aliases.aliases.items() if target == name]
    return {'characters': characters, 'bytes': encoded, 'random': rand, 'aliases': aliases}
print(json.dumps({name: answers(name) for name in json.load(sys.stdin)}))
`;

const python = askPython(CHARACTER_SET_NAMES);

/** Codes that Python has and we refuse: the exceptions named in legacy-tables.ts. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  cp932: /^(a0|fd|fe|ff|f9(4[1-9a-f]|[5-9a-f].))$/,
  big5: /^c6(a[1-9a-f]|[b-f].)$|^c7/,
  cp950: /^c6(a[1-9a-f]|[b-f].)$|^c7/,
};

describe.each([...CHARACTER_SET_NAMES])('%s', (name) => {
  const answers = python[name];
  if (answers === undefined) throw new Error(`Python said nothing about ${name}`);

  test('has the same names as in Python', () => {
    expect(codecOf(name)).toBeDefined();
    for (const alias of [...aliasesOf(name), ...answers.aliases]) {
      expect(findCharacterSetName(alias)).toBe(name);
    }
  });

  test('has the same characters', () => {
    const different: string[] = [];
    for (const code of codesOf(name)) {
      const theirs = answers.characters[code];
      const ours = maybeDecode(name, code);
      // A pair of two single bytes is not one code.
      const isPair = ours !== undefined && code.length > 2 && [...ours].length > 1;
      const refused = theirs !== undefined && REFUSED[name]?.test(code) === true;
      if (ours !== theirs && !isPair && !refused) different.push(`${code}: ${ours} not ${theirs}`);
    }
    expect(different).toEqual([]);
  });

  test('writes the same bytes', () => {
    const different: string[] = [];
    for (const character of sampleOf(python)) {
      const theirs = answers.bytes[character];
      const ours = maybeEncode(name, character);
      if (ours === theirs) continue;
      // Two codes for one character: either will do, as long as Python reads ours.
      if (ours !== undefined && answers.characters[ours] === character) continue;
      // Python writes the yen sign as a backslash in EUC-JP: what would arrive changed is refused.
      if (ours === undefined && answers.characters[theirs ?? ''] !== character) continue;
      if (REFUSED[name]?.test(theirs ?? '') === true && ours === undefined) continue;
      different.push(`${character}: ${ours} not ${theirs}`);
    }
    expect(different).toEqual([]);
  });

  test('reads random bytes alike, or refuses them alike', () => {
    for (const [hex, theirs] of Object.entries(answers.random)) {
      const ours = maybeDecode(name, hex) ?? null;
      if (ours === null && theirs !== null && canContainRefused(name, hex)) continue;
      expect([hex, ours]).toEqual([hex, theirs]);
    }
  });
});

test('names are compared as Python compares them', () => {
  for (const spelling of ['UTF-8', 'utf8', 'Utf_8', ' utf 8', 'u8', 'UTF--8']) {
    expect(findTextCodec(spelling)).toBe(findTextCodec('utf-8'));
  }
  expect(findTextCodec('latin-1')).toBe(findTextCodec('ISO-8859-1'));
});

test('names of a library are not names of the protocol', () => {
  const leaks = [
    'hex',
    'base64',
    'binary',
    'ucs2',
    'ucs-2',
    'utf7',
    'utf7imap',
    'utf-8-sig',
    'cesu8',
  ];
  for (const name of [...leaks, '', '__proto__', 'constructor', 'toString', '_internal', 'rot13']) {
    expect([name, findTextCodec(name)]).toEqual([name, undefined]);
  }
});

test('a lone surrogate is never written', () => {
  for (const name of CHARACTER_SET_NAMES) {
    expect(() => codecOf(name).encode('a\ud800b', 'little')).toThrow(CharacterError);
    expect(() => codecOf(name).encode('a\udc00', 'little')).toThrow(CharacterError);
  }
});

test('long text goes through in pieces', () => {
  const text = 'abc\u00e9'.repeat(50_000);
  const codec = codecOf('latin_1');
  expect(codec.decode(codec.encode(text, 'big'), 'big')).toBe(text);
});

function canContainRefused(name: string, hex: string): boolean {
  if (name === 'euc_kr') return hex.includes('a4d4');
  if (name === 'cp932') return /a0|fd|fe|ff|f9/.test(hex);
  return (name === 'big5' || name === 'cp950') && /c6|c7/.test(hex);
}

function* codesOf(name: string): Generator<string> {
  if (name.startsWith('utf')) return;
  for (let first = 0; first < 0x100; first++) yield toHex(Uint8Array.of(first));
  for (let first = 0x80; first < 0x100; first++) {
    for (let second = 0; second < 0x100; second++) yield toHex(Uint8Array.of(first, second));
  }
  if (name !== 'euc_jp') return;
  for (let second = 0xa0; second < 0x100; second++) {
    for (let third = 0xa0; third < 0x100; third++) yield toHex(Uint8Array.of(0x8f, second, third));
  }
}

/** Every character of the sample: UTF-8 has them all. */
function sampleOf(answers: Readonly<Record<string, PythonAnswers>>): readonly string[] {
  return Object.keys(answers['utf_8']?.bytes ?? {});
}

function maybeDecode(name: string, hex: string): string | undefined {
  try {
    return codecOf(name).decode(fromHex(hex), 'little');
  } catch (error) {
    if (error instanceof CharacterError) return undefined;
    throw error;
  }
}

function maybeEncode(name: string, text: string): string | undefined {
  try {
    return toHex(codecOf(name).encode(text, 'little'));
  } catch (error) {
    if (error instanceof CharacterError) return undefined;
    throw error;
  }
}

function codecOf(name: string) {
  const codec = findTextCodec(name);
  if (codec === undefined) throw new Error(`find the codec ${name}: there is none`);
  return codec;
}

function askPython(names: readonly string[]): Readonly<Record<string, PythonAnswers>> {
  const output = execFileSync('python3', ['-c', PROGRAM], {
    input: JSON.stringify(names),
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  });
  // The program above decides the form.
  return JSON.parse(output) as Record<string, PythonAnswers>;
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
