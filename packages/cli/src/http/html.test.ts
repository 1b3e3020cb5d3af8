import { expect, test } from 'vitest';
import { escapeHtml, requestPage, statusPage } from './html.ts';

test('nothing that comes from elsewhere is an element, or ends an attribute', () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;`)).toBe(
    '&#60;a href=&#34;x&#34; id=&#39;y&#39;&#62;&#38;amp;',
  );
  const evil = '</pre><script>';
  const page = requestPage({
    requestLine: `GET /${evil} HTTP/1.1`,
    headers: [[evil, evil]],
    connection: [[evil, evil]],
  });
  expect(page + statusPage(evil, evil)).not.toContain(evil);
  expect(page.split('&#60;/pre&#62;&#60;script&#62;')).toHaveLength(6);
});

test('the pages load nothing and run nothing', () => {
  const page = requestPage({ requestLine: 'GET / HTTP/1.1', headers: [], connection: [] });
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n/);
  expect(page).not.toMatch(/<script|src=|href=|url\(|@import|https?:/);
});
