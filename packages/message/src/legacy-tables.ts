/**
 * The older encodings: which table of iconv-lite each one reads, and what has to be changed in it to be
 * Python's codec.
 *
 * A test holds every row against Python, code by code. What remains different, all of it in rare
 * characters:
 *
 * - `euc_kr`: Python composes syllables outside KS X 1001 from eight bytes (`a4 d4 ...`); refused here.
 * - `cp932`: Python reads `a0`, `fd`, `fe`, `ff` and `f9 41`..`f9 fc` as private characters; refused here.
 * - `big5`, `cp950`: Python reads `c6 a1`..`c7 fc` (kana and Cyrillic of the ETEN extension); refused here.
 *
 * In writing there are two more. Of two codes for one character either may be taken. And where Python's
 * code reads back as another character (the yen sign becomes a backslash in `euc_jp`), the character is
 * refused here, since it would arrive changed.
 */
import type { CharacterSetName } from './character-set-names.ts';
import type { CharacterLength, LegacyTable } from './table-codec.ts';

/** Every byte is a character. */
const single: CharacterLength = () => 1;

/** From 0x81 to 0xfe a byte leads a pair. */
const pairs: CharacterLength = (first) => (first > 0x80 && first < 0xff ? 2 : 1);

/** Shift_JIS: two ranges of lead bytes around the single-byte katakana. */
const shiftJis: CharacterLength = (first) =>
  (first > 0x80 && first < 0xa0) || (first > 0xdf && first < 0xfd) ? 2 : 1;

/** EUC: pairs, and triples after 0x8f. */
const euc: CharacterLength = (first) => (first === 0x8f ? 3 : first >= 0x80 ? 2 : 1);

/** GB 18030: a digit as second byte means that two more follow. */
const gb18030: CharacterLength = (first, second) => {
  if (first < 0x81 || first > 0xfe) return 1;
  return second >= 0x30 && second <= 0x39 ? 4 : 2;
};

function plain(table: string): LegacyTable {
  return { table, lengthOf: single };
}

/** The encodings that are made of a table. The others have code of their own. */
export type TableName = Exclude<CharacterSetName, 'ascii' | 'latin_1' | `utf_${string}`>;

/** Row by row: the encodings that iconv-lite has a table for. */
export const LEGACY_TABLES: Readonly<Record<TableName, LegacyTable>> = {
  cp437: plain('cp437'),
  cp737: plain('cp737'),
  cp775: plain('cp775'),
  cp850: plain('cp850'),
  cp852: plain('cp852'),
  cp855: plain('cp855'),
  cp856: plain('cp856'),
  cp857: plain('cp857'),
  cp858: plain('cp858'),
  cp860: plain('cp860'),
  cp861: plain('cp861'),
  cp862: plain('cp862'),
  cp863: plain('cp863'),
  cp864: plain('cp864'),
  cp865: plain('cp865'),
  cp866: plain('cp866'),
  cp869: plain('cp869'),
  cp874: plain('cp874'),
  cp1125: plain('cp1125'),
  cp1250: plain('cp1250'),
  cp1251: plain('cp1251'),
  cp1252: plain('cp1252'),
  cp1253: plain('cp1253'),
  cp1254: plain('cp1254'),
  cp1255: { ...plain('cp1255'), refused: 'ca' },
  cp1256: plain('cp1256'),
  cp1257: plain('cp1257'),
  cp1258: plain('cp1258'),
  iso8859_2: plain('iso88592'),
  iso8859_3: plain('iso88593'),
  iso8859_4: plain('iso88594'),
  iso8859_5: plain('iso88595'),
  iso8859_6: plain('iso88596'),
  iso8859_7: plain('iso88597'),
  iso8859_8: plain('iso88598'),
  iso8859_9: plain('iso88599'),
  iso8859_10: plain('iso885910'),
  iso8859_11: plain('iso885911'),
  iso8859_13: plain('iso885913'),
  iso8859_14: plain('iso885914'),
  iso8859_15: plain('iso885915'),
  iso8859_16: plain('iso885916'),
  koi8_r: plain('koi8r'),
  koi8_u: plain('koi8u'),
  koi8_t: plain('koi8t'),
  kz1048: plain('rk1048'),
  ptcp154: plain('pt154'),
  hp_roman8: plain('hproman8'),
  mac_roman: { ...plain('macroman'), replaced: 'bd=03a9 db=20ac f0=f8ff' },
  mac_cyrillic: { ...plain('maccyrillic'), replaced: 'a2=0490 b6=0491 ff=20ac' },
  mac_greek: { ...plain('macgreek'), replaced: '9c=20ac af=00b7 ff=00ad' },
  mac_iceland: { ...plain('maciceland'), replaced: 'bd=03a9 db=20ac f0=f8ff' },
  mac_turkish: { ...plain('macturkish'), replaced: 'bd=03a9 f0=f8ff f5=f8a0' },
  shift_jis: {
    table: 'shiftjis',
    lengthOf: shiftJis,
    refused: '80 8740-879c ed40-fc4b',
    replaced: '8160=301c 8161=2016 817c=2212 8191=00a2 8192=00a3 81ca=00ac',
  },
  cp932: { table: 'shiftjis', lengthOf: shiftJis },
  euc_jp: {
    table: 'eucjp',
    lengthOf: euc,
    refused: 'ada1-adfc f9a1-fcfe',
    replaced: 'a1c1=301c a1c2=2016 a1dd=2212 a1f1=00a2 a1f2=00a3 a2cc=00ac 8fa2b7=007e',
  },
  euc_kr: { table: 'cp949', lengthOf: pairs, leastTrail: 0xa1, refused: '8100-a0ff a4d4' },
  cp949: { table: 'cp949', lengthOf: pairs },
  gb2312: {
    table: 'gbk',
    lengthOf: pairs,
    leastTrail: 0xa1,
    refused:
      '80 8100-a0ff a2a1-a2b0 a2e3-a2e4 a2ef-a2f0 a2fd-a2fe a4f4-a4fe a5f7-a5fe a6b9-a6c0 a6d9-a6fe a7c2-a7d0 a7f2-a7fe a8bb-a8c4 a8ea-a9a3 a9f0-affe d7fa-d7fe f8a1-fefe',
    replaced: 'a1a4=30fb a1aa=2015',
  },
  gbk: {
    table: 'gbk',
    lengthOf: pairs,
    refused:
      '80 a140-a1a0 a240-a2a0 a2ab-a2b0 a2e3-a2e4 a2ef-a2f0 a2fd-a3a0 a440-a4a0 a4f4-a5a0 a5f7-a6a0 a6b9-a6c0 a6d9-a6df a6ec-a6ed a6f3 a6f6-a7a0 a7c2-a7d0 a7f2-a7fe a896-a8a0 a8bc a8bf a8c1-a8c4 a8ea-a8fe a958 a95b a95d-a95f a989-a995 a997-a9a3 a9f0-a9fe aaa1-aafe aba1-abfe aca1-acfe ada1-adfe aea1-aefe afa1-affe d7fa-d7fe f8a1-f8fe f9a1-f9fe faa1-fafe fba1-fbfe fca1-fcfe fda1-fdfe fe50-fefe',
  },
  gb18030: {
    table: 'gb18030',
    lengthOf: gb18030,
    refused: '80',
    replaced: 'a3a0=e5e5 a8bc=e7c7 8431a437=fffd',
  },
  big5: {
    table: 'cp950',
    lengthOf: pairs,
    refused: 'a3e1 f9d6-f9fe',
    replaced:
      'a145=2022 a14e=ff64 a1c2=203e a1e3=223c a1f2=2641 a1f3=2609 a241=ff0f a242=ff3c a244=00a5 a246=00a2 a247=00a3',
  },
  cp950: { table: 'cp950', lengthOf: pairs },
};
