import { Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { readEndpoint, shellWord, wordsOf, type EndpointSyntax } from './endpoint.ts';

/** What a command with these words makes of them, or says about them. */
function read<const Rest extends readonly string[]>(
  words: readonly string[],
  syntax: EndpointSyntax<Rest>,
): unknown {
  const command = new Command('try')
    .argument('[words...]')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(words, { from: 'user' });
  try {
    return readEndpoint(command, syntax);
  } catch (error) {
    expect(error).toBeInstanceOf(CommanderError);
    return error instanceof CommanderError ? error.message : error;
  }
}

const request = { side: 'connects', rest: ['action', 'value'] } as const; // the words, not any

describe('host and port', () => {
  test.each([
    [['127.0.0.1', '80'], { host: '127.0.0.1', port: 80 }],
    [['localhost', '65535'], { host: 'localhost', port: 65_535 }],
    [['::1', '1'], { host: '::1', port: 1 }],
    [['[::1]', '1'], { host: '::1', port: 1 }],
    [['[fe80::1%2]', '1'], { host: 'fe80::1%2', port: 1 }],
  ])('%j, to listen and to connect', (words, endpoint) => {
    expect(read(words, { side: 'listens' })).toEqual({ endpoint, rest: [] });
    expect(read(words, { side: 'connects' })).toEqual({ endpoint, rest: [] });
  });

  test('an empty host is all interfaces, with --ipv6 those of both families, and to servers alone', () => {
    const all = { endpoint: { host: '', port: 0 }, rest: [] };
    expect(read(['', '0'], { side: 'listens' })).toEqual(all);
    expect(read(['', '0'], { side: 'listens', ipv6: true })).toMatchObject({
      endpoint: { host: '::' },
    });
    expect(read(['', '1'], { side: 'connects', ipv6: true })).toMatchObject({
      endpoint: { host: '' },
    });
    expect(read(['::1', '0'], { side: 'listens', ipv6: true })).toMatchObject({
      endpoint: { host: '::1' },
    });
  });

  test('what is left out has its default, where there is one', () => {
    const serve = { side: 'listens', defaults: { host: '127.0.0.1', port: 65_432 } } as const;
    expect(read([], serve)).toMatchObject({ endpoint: { host: '127.0.0.1', port: 65_432 } });
    expect(read(['::1'], serve)).toMatchObject({ endpoint: { host: '::1', port: 65_432 } });
    expect(read(['', '0'], serve)).toMatchObject({ endpoint: { host: '', port: 0 } });
  });

  test.each([
    [[], "missing required argument 'host'"],
    [['a.test'], "missing required argument 'port'"],
    [
      ['a.test', 'search', 'ring'],
      "value 'search' is invalid for argument 'port'. expected a port",
    ],
    [['a.test', '0', 'search', 'ring'], 'from 1 to 65535'],
    [['a.test', '1'], "missing required argument 'action'"],
    [['a.test', '1', 'search'], "missing required argument 'value'"],
    [['a.test', '1', 'a', 'b', 'c'], "for 'try'. Expected 4 arguments but got 5."],
  ])('%j is wrong', (words, told) => {
    expect(read(words, request)).toContain(told);
  });

  test('any number of words may follow, where that is said', () => {
    const client = { side: 'connects', most: Infinity } as const;
    const endpoint = { host: 'a.test', port: 80 };
    expect(read(['a.test', '80'], client)).toEqual({ endpoint, rest: [] });
    expect(read(['a.test', '80', 'a', '80', ''], client)).toEqual({
      endpoint,
      rest: ['a', '80', ''],
    });
    expect(read(['unix:/x', '80'], client)).toEqual({ endpoint: { path: '/x' }, rest: ['80'] });
    expect(read(['a.test', '1', 'a'], { ...request, most: Infinity })).toContain(
      "missing required argument 'value'",
    );
    expect(read(['a.test', '1', 'a', 'b', 'c'], { ...request, most: Infinity })).toMatchObject({
      rest: ['a', 'b', 'c'],
    });
  });

  test('as many words may follow as is said', () => {
    const server = { side: 'listens', most: 1 } as const;
    expect(read(['a.test', '1', 'file'], server)).toMatchObject({ rest: ['file'] });
    expect(read(['a.test', '1', 'file', 'b'], server)).toContain('Expected 3 arguments but got 4.');
    expect(read(['unix:/x', 'file'], server)).toMatchObject({ rest: ['file'] });
    expect(read(['unix:/x', '8000'], server)).toContain('a Unix socket has none: leave it out.');
    expect(read(['unix:/x', './8000'], server)).toMatchObject({ rest: ['./8000'] });
  });

  test('a port where the host of a server belongs is seen; to a client it may be a host', () => {
    expect(read(['8000'], { side: 'listens', defaults: { host: 'x', port: 1 } })).toContain(
      'it looks like a port, which comes second: 127.0.0.1 8000.',
    );
    expect(read(['8000'], { side: 'listens' })).toContain('it looks like a port');
    expect(read(['8000', '1', 'a', 'b'], request)).toMatchObject({ endpoint: { host: '8000' } });
  });
});

describe('unix:', () => {
  test.each([
    ['unix:/run/it.sock', '/run/it.sock'],
    ['unix:it.sock', 'it.sock'],
    ['unix:@name', '\0name'],
    ['unix:@na@me', '\0na@me'],
    ['unix:./@name', './@name'],
    ['unix:/a b:c\n', '/a b:c\n'],
  ])('%j is a path, and no port follows', (host, path) => {
    expect(read([host], { side: 'listens', ipv6: true })).toEqual({ endpoint: { path }, rest: [] });
    expect(read([host, 'search', '80'], request)).toEqual({
      endpoint: { path },
      rest: ['search', '80'],
    });
  });

  test('has no default port', () => {
    const serve = { side: 'listens', defaults: { host: '127.0.0.1', port: 65_432 } } as const;
    expect(read(['unix:/x'], serve)).toEqual({ endpoint: { path: '/x' }, rest: [] });
  });

  test.each([
    [['unix:', 'a', 'b'], "value 'unix:' is invalid for argument 'host'. expected unix:/path, or"],
    [['unix:@', 'a', 'b'], "value 'unix:@' is invalid for argument 'host'"],
    [
      ['unix:/x', '80', 'a', 'b'],
      "value '80' is invalid for argument 'port'. a Unix socket has none",
    ],
    [['unix:/x'], "missing required argument 'action'"],
    [['unix:/x', 'a'], "missing required argument 'value'"],
    [['unix:/x', 'a', 'b', 'c'], 'Expected 3 arguments but got 4.'],
  ])('%j is wrong', (words, told) => {
    expect(read(words, request)).toContain(told);
  });

  test('one word too many for a server', () => {
    expect(read(['unix:/x', 'a'], { side: 'listens' })).toContain('Expected 1 argument but got 2.');
  });
});

test('an address as the words of a shell', () => {
  expect(wordsOf({ family: 'inet', host: '127.0.0.1', port: 80 })).toBe('127.0.0.1 80');
  expect(wordsOf({ family: 'unix', path: '/run/it.sock' })).toBe('unix:/run/it.sock');
  expect(wordsOf({ family: 'unix', path: '\0name' })).toBe('unix:@name');
  expect(wordsOf({ family: 'unix', path: '/my files/$x' })).toBe("'unix:/my files/$x'");
  expect([shellWord(''), shellWord("it's")]).toEqual(["''", "'it'\\''s'"]);
});
