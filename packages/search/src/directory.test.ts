import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Directory, DirectoryFileError } from './directory.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireline-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'entries.json');
  writeFileSync(path, content);
  return path;
}

test('entries from a file, names of every kind', async () => {
  const directory = await Directory.fromFile(
    file('{"a": "1", "__proto__": "2", "\\ud83d\\udc36": "3", "": "4"}'),
  );
  expect(directory.size).toBe(4);
  expect(['a', '__proto__', '\u{1F436}', ''].map((name) => directory.find(name))).toEqual([
    '1',
    '2',
    '3',
    '4',
  ]);
  expect(directory.find('constructor')).toBeUndefined();
});

test.each([
  ['{"a": 1}', 'the entry "a" is no string'],
  ['["a"]', 'expected one object'],
  ['null', 'expected one object'],
  ['{', 'not JSON'],
  ['', 'not JSON'],
])('%j is refused, and the file is named', async (content, words) => {
  const attempt = Directory.fromFile(file(content));
  await expect(attempt).rejects.toThrow(DirectoryFileError);
  await expect(attempt).rejects.toThrow(words);
  await expect(attempt).rejects.toThrow('entries.json');
});

test('a byte order mark is passed over, bytes that are no UTF-8 are refused', async () => {
  const directory = await Directory.fromFile(file('\ufeff{"a": "1"}'));
  expect(directory.find('a')).toBe('1');
  const path = file('');
  writeFileSync(path, Buffer.from('{"a": "\u00ff"}', 'latin1'));
  await expect(Directory.fromFile(path)).rejects.toThrow(DirectoryFileError);
});

test('a file that is not there', async () => {
  const attempt = Directory.fromFile(join(folder, 'none.json'));
  await expect(attempt).rejects.toThrow(DirectoryFileError);
  await expect(attempt).rejects.toThrow('none.json');
});
