/**
 * The words of which frames are made, as JSON source text: valid ones, and those known for trouble.
 *
 * The first word of each list is the plainest, since fast-check shrinks towards it.
 */

/** The four keys that every header has, in the order in which they are usually written. */
export const REQUIRED_KEYS = [
  'byteorder',
  'content-type',
  'content-encoding',
  'content-length',
] as const; // the items are keys, not any strings

/** Between members, between key and value, behind the opening brace, before the closing one. */
export const SPACINGS: readonly (readonly [string, string, string, string])[] = [
  [', ', ': ', '', ''],
  [',', ':', '', ''],
  [' , ', ' : ', ' ', ' '],
  [',\n  ', ':\t', '\n  ', '\n'],
  [',\r\n', ': ', '', '\t'],
];

/** A content type, and the encoding that its parameter names, if it names one. */
export const CONTENT_TYPES: readonly (readonly [type: string, charset?: string])[] = [
  ['text/json'],
  ['binary/custom'],
  ['text/json; charset=utf-8', 'utf-8'],
  ['text/json;charset="latin-1"', 'latin-1'],
  ['text/json ; a=b; CharSet = utf-16-le', 'utf-16-le'],
  ['text/json; charset=klingon', 'klingon'],
  ['text/json; charset=', ''],
  ['text/json; charset="utf-8', ''],
  ['text/json;'],
  ['text/json '],
  ['text/jsonp'],
  ['TEXT/JSON'],
  [''],
  ['content-length'],
  ['message-id'],
  ['a{b[c'],
  ['"\\quoted\\"'],
  ['\u00e9 \u{1f436}'],
  ['x'.repeat(300)],
];

/** Character encodings: the common one, others that are known, and names that must not be. */
export const ENCODINGS: readonly string[] = [
  'utf-8',
  'UTF_8',
  'ascii',
  'latin-1',
  'utf-16-le',
  'utf-16-be',
  'utf-16',
  'utf-32',
  'utf-32-le',
  'utf-32-be',
  'cp1252',
  'cp1255',
  'cp437',
  'cp864',
  'iso8859_15',
  'koi8-r',
  'hp-roman8',
  'shift_jis',
  'cp932',
  'euc_jp',
  'euc_kr',
  'gb2312',
  'gbk',
  'gb18030',
  'big5',
  'binary',
  'klingon',
  '',
  'hex',
  'base64',
  'ucs2',
  'utf-7',
  'utf-8-sig',
  'rot13',
  '_internal',
  '__proto__',
  'constructor',
  'toString',
];

/** Keys of extension headers. The first three hold numbers that change from message to message. */
export const EXTENSION_KEYS: readonly string[] = [
  'message-id',
  'in-reply-to',
  'deadline-ms',
  'trace',
  'more',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '',
  '7',
  '0',
  'Content-Length',
  'content-lengt',
  '\u00e9',
  'cancel',
  'closing',
];

/** Stands for a number that differs from frame to frame. */
export const CHANGING_NUMBER = '#';

/** Values of extension headers; all of them valid. */
export const EXTENSION_VALUES: readonly string[] = [
  '#',
  '#',
  '#',
  '"#"',
  '-#',
  '#.5',
  '[#]',
  '{"message-id": #}',
  '"\\"message-id\\": #, "',
  'true',
  'null',
  '""',
  '"x"',
  '"content-length"',
  '"message-id"',
  '"{"',
  '"a\\"b"',
  '"\\u0000\\ud800"',
  '{}',
  '[]',
  '[1, {"content-length": 2}]',
  '1.5',
  '1e3',
  '-0',
  '-1',
  '9007199254740993',
  '1e-400',
];

/** Keys of JSON content. */
export const CONTENT_KEYS: readonly string[] = [
  'a',
  'action',
  'value',
  '__proto__',
  'constructor',
  'toJSON',
  '',
  '1',
  '0',
  '\u00e9',
  '\u{1f436}',
];

/** Values of JSON content; all of them valid. */
export const CONTENT_VALUES: readonly string[] = [
  '0',
  '1',
  '"x"',
  '""',
  'true',
  'false',
  'null',
  '{}',
  '[]',
  '-0',
  '1.5',
  '-0.5e-7',
  '1e16',
  '1E+99',
  '1.5e308',
  '1e-400',
  '9007199254740991',
  '-9007199254740991',
  '12345678901234567890.5',
  '"9007199254740992 1e400 NaN"',
  '"\u00e9"',
  '"\u20ac"',
  '"\u{1f436}"',
  '"\\ud83d\\udc36"',
  '"\\ud800"',
  '"\\u0000\\b\\/\\\\\\""',
  '"\\\\"',
  '"[[[[{{{{"',
  '[[[[[[[[1]]]]]]]]',
  '{"__proto__": {"x": 1}, "a": 1, "a": 2}',
  `"${'x'.repeat(200)}"`,
];

/** Literals in the place of a value: of the wrong type, out of range, or no JSON at all. */
export const BAD_LITERALS: readonly string[] = [
  'null',
  'true',
  '"11"',
  '11.5',
  '-1',
  '{}',
  '[]',
  '""',
  '9007199254740992',
  '-9007199254740992',
  '9007199254740993',
  '100000000000000000000',
  '9'.repeat(400),
  `${'9'.repeat(400)}.5`,
  '999999999999999e294',
  '1e400',
  '-1e400',
  '1E+0400',
  '1.8e308',
  'NaN',
  'Infinity',
  '-Infinity',
  'undefined',
  '01',
  '1.',
  '.5',
  '+1',
  '0x10',
  '1_000',
  '1n',
  '',
  'tru',
  "'a'",
  '"\t"',
  '"\\x41"',
  '"\\u12"',
  '"',
  '\u0661',
];

/** How a content length can be spelled: as valid numbers of another form, and as what is none. */
export const LENGTH_SPELLINGS: readonly ((length: number) => string)[] = [
  (length) => `${length}.0`,
  (length) => `${length}e0`,
  (length) => `${length / 10}e1`,
  (length) => `${length}0e-1`,
  (length) => `0${length}`,
  (length) => `-${length}`,
  (length) => `+${length}`,
  (length) => `"${length}"`,
  (length) => `[${length}]`,
  (length) => `${length}.5`,
  (length) => String(length + 1),
  (length) => String(Math.max(0, length - 1)),
  () => 'null',
  () => 'true',
  () => '""',
  () => '{}',
  () => '1e400',
  () => '-0',
  () => '0',
  () => '1e3',
  () => '65',
  () => '33554433',
  () => '9007199254740991',
  () => '9007199254740992',
  () => '9007199254740992.0',
  () => '18446744073709551616',
];

/** Whole content that is no JSON object. */
export const NO_OBJECTS: readonly string[] = [
  '',
  ' ',
  '0',
  '""',
  'false',
  'null',
  '[]',
  '[{}]',
  'NaN',
  '{}{}',
  '{',
  '"\\ud800"',
];

/** What is put into JSON text, or written over it. */
export const TEXT_FRAGMENTS: readonly string[] = [
  '0',
  '9',
  ' ',
  '"',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  '\\',
  '-',
  '.',
  'e',
  '/*',
  '\\u0041',
  '\\ud800',
  '\u0000',
  '\u001f',
  '\u007f',
  '\u00a0',
  '\u00e9',
  '\u2028',
  '\u{1f436}',
  '\ufeff',
  '\ufffd',
  '1e400',
  '9007199254740992',
  '"a": 1',
  '"__proto__": 1,',
  '"content-length": 5, ',
];

/** Bytes that are no UTF-8. */
export const BAD_UTF8: readonly (readonly number[])[] = [
  [0xff],
  [0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xe0, 0x80, 0xaf],
  [0xf0, 0x9f, 0x90],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
];

/** Byte order marks: UTF-8, UTF-16 and UTF-32 in both orders. */
export const MARKS: readonly (readonly number[])[] = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
];

/** How other protocols begin. */
export const OTHER_PROTOCOLS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '{"action": "search"}',
  '\x00\x00\x00\x0e{}',
  '*1\r\n$4\r\nPING\r\n',
  '\x05\x01\x00',
];

/** The item at `index`, counted on from the beginning where the list ends. */
export function pick<Item>(list: readonly Item[], index: number): Item {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError(`pick item ${index}: the list is empty`);
  return item;
}
