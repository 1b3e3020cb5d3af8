import { expect, test } from 'vitest';
import { contentTypeOf } from './page-file.ts';

test.each([
  ['page.html', 'text/html; charset=utf-8'],
  ['/a/b.c/PAGE.HTM', 'text/html; charset=utf-8'],
  ['notes.txt', 'text/plain; charset=utf-8'],
  ['data.json', 'application/json; charset=utf-8'],
  ['drawing.svg', 'image/svg+xml; charset=utf-8'],
  ['script.js', 'text/javascript; charset=utf-8'],
  ['photo.jpeg', 'image/jpeg'],
  ['film.mp4', 'video/mp4'],
  ['folder.txt/README', 'application/octet-stream'],
  ['a.unheard-of', 'application/octet-stream'],
])('%s is %s', (file, type) => {
  expect(contentTypeOf(file)).toBe(type);
});
