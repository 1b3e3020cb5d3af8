import { describe, expect, test } from 'vitest';
import { endpointOf, isSecure, parseUrl, shownUrl } from './url.ts';

describe('a URL as it is typed', () => {
  test.each([
    ['example.com', 'http://example.com/', { host: 'example.com', port: 80 }],
    ['localhost:8000/x?y', 'http://localhost:8000/x?y', { host: 'localhost', port: 8000 }],
    ['127.0.0.1', 'http://127.0.0.1/', { host: '127.0.0.1', port: 80 }],
    ['[::1]:8000', 'http://[::1]:8000/', { host: '::1', port: 8000 }],
    ['http://[::1]:80/', 'http://[::1]/', { host: '::1', port: 80 }],
    ['HTTP://Example.com', 'http://example.com/', { host: 'example.com', port: 80 }],
    ['https://example.com', 'https://example.com/', { host: 'example.com', port: 443 }],
    ['http:8000', 'http://http:8000/', { host: 'http', port: 8000 }],
    ['http://a:80/b c#d', 'http://a/b%20c#d', { host: 'a', port: 80 }],
  ])('%s', (text, href, endpoint) => {
    const url = parseUrl(text);
    expect(url.href).toBe(href);
    expect(endpointOf(url)).toEqual(endpoint);
    expect(isSecure(url)).toBe(href.startsWith('https'));
  });

  test.each([
    ['', 'expected a URL'],
    ['http://', 'expected a URL'],
    ['a b', 'expected a URL'],
    ['a:99999', 'expected a URL'],
    ['http://[::1', 'expected a URL'],
    ['ftp://a', 'expected http:// or https://'],
    ['file:///etc/passwd', 'expected http:// or https://'],
    ['mailto:a@b', 'expected http:// or https://'],
    ['javascript:alert(1)', 'expected http:// or https://'],
    ['unix:/run/it.sock', 'expected http:// or https://'],
  ])('%j is none', (text, told) => {
    expect(() => parseUrl(text)).toThrow(told);
  });
});

test('a password is not shown', () => {
  expect(shownUrl(new URL('http://me:secret@a/b'))).toBe('http://a/b');
});
