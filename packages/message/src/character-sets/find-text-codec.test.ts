/** Every encoding against Python's own codec of that name. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findTextCodec } from './find-text-codec.ts';
import { aliasesOf, CHARACTER_SET_NAMES, findCharacterSetName } from './names.ts';
import { CharacterError } from './text-codec.ts';

/** What Python says about one encoding. */
interface PythonAnswers {
  /** Each character of a sample that the encoding has, and its bytes in hex. */
  readonly characters: Readonly<Record<string, string>>;
  /** Random bytes in hex, and their text; null where they are not valid. */
  readonly random: Readonly<Record<string, string | null>>;
  readonly aliases: readonly string[];
}

const PROGRAM = String.raw`
import encodings.aliases, json, random, sys
random.seed(1)
SAMPLE = [chr(c) for c in [*range(0x20, 0x180), *range(0x370, 0x460), *range(0x5d0, 0x5eb),
    *range(0x2500, 0x2580), *range(0x3040, 0x3100), *range(0x4e00, 0x4f00), *range(0xac00, 0xac80),
    0x20ac, 0x1f436]]
def answers(name):
    characters, rand = {}, {}
    for character in SAMPLE:
        try:
            data = character.encode(name)
            if data.decode(name) == character:
                characters[character] = data.hex()
        except UnicodeEncodeError:
            pass
    pieces = list(characters.values())
    for _ in range(1500):
        data = bytes.fromhex(''.join(random.choice(pieces) for _ in range(random.randrange(5))))
        if random.random() < 0.7:
            data += random.randbytes(random.randrange(1, 4))
        try:
            rand[data.hex()] = data.decode(name)
        except UnicodeDecodeError:
            rand[data.hex()] = None
    aliases = [alias for alias, target in encodings.aliases.aliases.items() if target == name]
    return {'characters': characters, 'random': rand, 'aliases': aliases}
print(json.dumps({name: answers(name) for name in json.load(sys.stdin)}))
`;

const python = askPython(CHARACTER_SET_NAMES);

/** Encodings whose tables hold more than Python's: random bytes may have a meaning that Python does not know. */
const SUPERSETS = new Set(
  'cp1255 shift_jis cp932 euc_jp euc_kr cp949 gb2312 gbk gb18030 big5 cp950'.split(' '),
);

/** Characters that Python writes as something else than browsers do: named at the head of iconv-codec.ts. */
const OTHERWISE: Readonly<Record<string, RegExp>> = {
  shift_jis: /[\u00a2\u00a3\u00ac]/,
  euc_jp: /[\u00a2\u00a3\u00ac]/,
  euc_kr: /[\uac00-\ud7af]/,
  gb2312: /\u30fb/,
  big5: /[\u00a2\u00a3\u00a5\u0400-\u045f\u3040-\u30ff]/,
  cp950: /[\u0400-\u045f\u3040-\u30ff]/,
};

describe.each([...CHARACTER_SET_NAMES])('%s', (name) => {
  const answers = answersAbout(name);

  test('has the same names as in Python', () => {
    for (const alias of [...aliasesOf(name), ...answers.aliases]) {
      expect(findCharacterSetName(alias)).toBe(name);
    }
  });

  test('reads what Python writes, and writes what Python reads', () => {
    for (const [character, hex] of Object.entries(answers.characters)) {
      if (OTHERWISE[name]?.test(character) === true) continue;
      expect([character, maybeDecode(name, hex)]).toEqual([character, character]);
      const written = maybeEncode(name, character);
      expect([character, written && maybeDecode(name, written)]).toEqual([character, character]);
    }
  });

  test('refuses a character that is cut off', () => {
    const whole = Object.values(answers.characters).filter((hex) => hex.length > 2);
    const cut = whole.slice(0, 20).map((hex) => hex.slice(0, -2));
    expect(cut.filter((hex) => maybeDecode(name, hex) !== undefined)).toEqual([]);
  });
});

test.each(CHARACTER_SET_NAMES.filter((name) => !SUPERSETS.has(name)))(
  '%s reads random bytes as Python does, or refuses them as well',
  (name) => {
    for (const [hex, theirs] of Object.entries(answersAbout(name).random)) {
      expect([hex, maybeDecode(name, hex) ?? null]).toEqual([hex, theirs]);
    }
  },
);

test('names are compared as Python compares them', () => {
  for (const spelling of ['UTF-8', 'utf8', 'Utf_8', ' utf 8', 'u8', 'UTF--8']) {
    expect(findTextCodec(spelling)).toBe(findTextCodec('utf-8'));
  }
  expect(findTextCodec('latin-1')).toBe(findTextCodec('ISO-8859-1'));
});

test('latin-1 is ISO-8859-1, not windows-1252', () => {
  expect(maybeDecode('latin-1', '80e9ff')).toBe('\u0080\u00e9\u00ff');
  expect(maybeEncode('latin-1', '\u20ac')).toBeUndefined();
});

test('names of a library are not names of the protocol', () => {
  const leaks = 'hex base64 binary ucs2 ucs-2 utf7 utf7imap utf-8-sig cesu8 rot13 _internal';
  for (const name of [...leaks.split(' '), '', '__proto__', 'constructor', 'toString']) {
    expect([name, findTextCodec(name)]).toEqual([name, undefined]);
  }
});

test.each(CHARACTER_SET_NAMES)('%s never writes half of a surrogate pair', (name) => {
  expect(maybeEncode(name, 'a\ud800b')).toBeUndefined();
  expect(maybeEncode(name, 'a\udc00')).toBeUndefined();
});

function answersAbout(name: string): PythonAnswers {
  const answers = python[name];
  if (answers === undefined) throw new Error(`Python said nothing about ${name}`);
  return answers;
}

function maybeDecode(name: string, hex: string): string | undefined {
  try {
    return codecOf(name).decode(Buffer.from(hex, 'hex'), 'little');
  } catch (error) {
    if (error instanceof CharacterError) return undefined;
    throw error;
  }
}

function maybeEncode(name: string, text: string): string | undefined {
  try {
    return Buffer.from(codecOf(name).encode(text, 'little')).toString('hex');
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
    maxBuffer: 64 * 1024 * 1024,
  });
  // The program above decides the form.
  return JSON.parse(output) as Record<string, PythonAnswers>;
}
