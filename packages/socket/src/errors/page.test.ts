/**
 * `docs/socket-errors.md` and the classes say the same: the page names each class and each code where it
 * belongs, and nothing that is not there.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Address } from '../address/address.ts';
import * as errors from '../errors.ts';
import { ConnectionRefusedError, systemError, TimeoutError, UnreachableError } from '../errors.ts';
import { connect } from '../event-loop/connect.ts';
import { ERRNO } from '../libc/errno.ts';

const PAGE = readFileSync(new URL('../../../../docs/socket-errors.md', import.meta.url), 'utf8');

/** The rows whose first cell is a class: its name, and the text of its second cell. */
const ROWS = Array.from(
  PAGE.matchAll(/^\| `([A-Z]\w*Error)` +\| ([^|]*)\|/gm),
  ([, name = '', codes = '']) => [name, codes.trim()] as const,
);

/** Errors that say their code by themselves, whatever happened; one of each. */
const OWN_CODES: readonly (Error & { readonly code: string })[] = [
  new errors.SocketClosedError('send'),
  new errors.SocketBusyError('send', 'send'),
  new errors.IncompleteReadError(2, Uint8Array.of(1)),
  new errors.LimitError('readLine', 'no line end', 1),
  new errors.ConnectionFailedError('x:1', []),
  new errors.DescriptorsLostError(1, Uint8Array.of(1)),
  new errors.NoDescriptorError('a net.Socket', 'it is not connected'),
  new errors.UnsupportedPlatformError('open a native socket'),
];

/** What `resolve` knows to come from getaddrinfo(3). */
const RESOLUTION_CODES =
  'ENOTFOUND ENODATA EINVAL EAI_AGAIN EAI_FAIL EAI_FAMILY EAI_ADDRFAMILY EAI_MEMORY EAI_SYSTEM EAI_SERVICE ENODEV';

/** Each class by its name, with all the codes that it comes with. */
function codesByClass(): Map<string, Set<string>> {
  const found = new Map(
    Object.values(errors)
      .filter(isErrorClass)
      .map(({ name }) => [name, new Set<string>()]),
  );
  for (const errno of Object.values(ERRNO)) {
    for (const syscall of ['call', 'connect']) {
      const error = systemError(syscall, errno);
      const others =
        syscall === 'connect' && error.constructor === systemError('call', errno).constructor;
      if (!others) found.get(error.constructor.name)?.add(error.code);
    }
  }
  for (const error of OWN_CODES) found.get(error.constructor.name)?.add(error.code);
  for (const code of RESOLUTION_CODES.split(' ')) found.get('NameResolutionError')?.add(code);
  return found;
}

function isErrorClass(value: unknown): value is typeof Error {
  return typeof value === 'function' && value.prototype instanceof Error;
}

const CODES = codesByClass();

test('each class has one row, and each row a class', () => {
  expect(ROWS.map(([name]) => name).sort()).toEqual([...CODES.keys()].sort());
});

test.each(ROWS)('the codes of %s', (name, cell) => {
  // Names of codes as words: EAGAIN, EAI_AGAIN, socket-closed. The number of a nameless one is an example.
  const written = cell.match(/\bE[A-Z][A-Z_]+\b|(?<=`)[a-z]+-[a-z]+(?=`)/g) ?? [];
  expect([...written].sort()).toEqual([...(CODES.get(name) ?? [])].sort());
});

test('whatever else the page calls an error or a code is one', () => {
  const names = new Set([...CODES.keys(), 'Error', 'TypeError', 'RangeError']);
  for (const [name] of PAGE.matchAll(/\b[A-Z]\w*Error\b/g)) expect(names).toContain(name);
  const codes = new Set(Array.from(CODES.values(), (each) => Array.from(each)).flat());
  for (const [code] of PAGE.matchAll(/\bE[A-Z]{3,}\b(?!_)/g)) expect(codes).toContain(code);
});

test('what the page quotes of messages is what they say', () => {
  const { message } = systemError('connect', ERRNO.ECONNREFUSED, '127.0.0.1:65432');
  expect(PAGE).toContain(`\n${message}\n`);
});

describe('each class writes down its name, which a minifier would take away', () => {
  const made = [
    ...OWN_CODES,
    ...Object.values(ERRNO).map((errno) => systemError('call', errno)),
    new errors.NameResolutionError('x', 'ENOTFOUND', 'no such host'),
    new errors.UnreachableError('connect', ERRNO.EHOSTUNREACH),
  ];

  test('for all classes', () => {
    expect(new Set(made.map(({ constructor }) => constructor.name))).toEqual(new Set(CODES.keys()));
  });

  test.each(made.map((error) => [error.constructor.name, error] as const))('%s', (name, error) => {
    expect(Object.hasOwn(error, 'name')).toBe(true);
    expect(error.name).toBe(name);
  });
});

describe('the example', () => {
  // #region by-class
  async function ask(address: Address): Promise<string> {
    try {
      const socket = await connect(address, { timeoutMs: 2000 });
      socket.close();
      return 'up';
    } catch (error) {
      if (error instanceof ConnectionRefusedError) return 'down';
      if (error instanceof TimeoutError || error instanceof UnreachableError) return 'away';
      throw error;
    }
  }
  // #endregion by-class

  test('tells a server from none', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const listening = server.address();
    if (listening === null || typeof listening === 'string') throw new Error('no port');
    const address = { family: 'inet', host: '127.0.0.1', port: listening.port } as const;
    expect(await ask(address)).toBe('up');
    server.close();
    await once(server, 'close');
    expect(await ask(address)).toBe('down');
  });

  test('a network that cannot be reached', async () => {
    expect(await ask({ family: 'inet', host: '224.0.0.1', port: 9 })).toBe('away');
  });
});
