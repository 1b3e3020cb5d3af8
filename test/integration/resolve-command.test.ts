/** `wireline resolve`, as a person runs it. */
import { hostname } from 'node:os';
import { getaddrinfo, isLoopback, NameResolutionError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';

async function resolve(...args: readonly string[]): Promise<Outcome> {
  await using program = Program.wireline('resolve', ...args);
  return await program.exited();
}

describe('a table', () => {
  test('with a port: each address for each type of socket', async () => {
    expect(await resolve('127.0.0.1', '80')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: `family  type    protocol  address       canonical name
inet    stream  tcp       127.0.0.1:80  127.0.0.1
inet    dgram   udp       127.0.0.1:80
inet    raw     0         127.0.0.1:80
`,
    });
  });

  test('without: addresses alone', async () => {
    expect(await resolve('[::1]', '--type', 'stream')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: `family  type    protocol  address  canonical name
inet6   stream  tcp       ::1      ::1
`,
    });
  });

  test('of a name', async () => {
    const { code, stdout } = await resolve('localhost', '-4', '--type=dgram');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^inet {4}dgram {2}udp {7}127\.0\.0\.1 +\S+$/m);
    expect(stdout).not.toContain('inet6');
  });

  test.each([
    [[], 'inet    stream  tcp       0.0.0.0:7\n'],
    [['--ipv6'], 'inet6   stream  tcp       [::]:7\n'],
  ])("'' is all interfaces, with %j those of IPv6, too", async (options, line) => {
    const { code, stdout } = await resolve('', '7', '--type=stream', ...options);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^family {2}type {4}protocol {2}address\n/);
    expect(stdout.slice(stdout.indexOf('\n') + 1)).toBe(line);
  });

  test('with the interface of a link-local address', async () => {
    const [named, numbered] = [await resolve('fe80::1%lo', '7'), await resolve('fe80::1%1', '7')];
    expect(named.stdout).toContain(' [fe80::1%1]:7 ');
    expect(numbered.stdout).toContain(' [fe80::1%1]:7 ');
    expect((await resolve('fe80::1%lo')).stdout).toContain(' fe80::1%1 ');
  });
});

test('--json prints one object per line', async () => {
  const { code, stdout, stderr } = await resolve('fe80::1%lo', '7', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const common = { family: 'inet6', host: 'fe80::1', port: 7, scopeId: 1 };
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { ...common, type: 'stream', protocol: 6, canonicalName: 'fe80::1%lo' },
    { ...common, type: 'dgram', protocol: 17 },
    { ...common, type: 'raw', protocol: 0 },
  ]);
});

test('this machine’s name: a warning when only this machine can reach it', async () => {
  const { stderr } = await resolve(hostname());
  const address = (() => {
    try {
      return getaddrinfo(hostname(), 0)[0]?.address;
    } catch (error) {
      if (error instanceof NameResolutionError) return undefined;
      throw error;
    }
  })();
  if (address !== undefined && isLoopback(address)) {
    expect(stderr).toBe(
      `warning: ${hostname()} is this machine’s name and stands for ${address.host}, which only this machine can reach: bind to '' to be reached by others\n`,
    );
  } else expect(stderr).not.toContain('warning');
  expect((await resolve('localhost')).stderr).toBe('');
});

describe('nothing is found: one line, exit code 1', () => {
  test.each([
    [
      [`${'x'.repeat(64)}.invalid`],
      /^wireline: resolve x{64}\.invalid: .* \((EINVAL|ENOTFOUND)\)\n$/,
    ],
    [
      ['127.0.0.1', '-6'],
      /^wireline: resolve 127\.0\.0\.1: not an address of family inet6, but of inet \(EAI_ADDRFAMILY\)\n$/,
    ],
    [
      ['fe80::1%no-such0'],
      /^wireline: resolve fe80::1%no-such0: this machine has no interface 'no-such0'; it has lo \(1\).*\n$/,
    ],
    [['127.0.0.1', 'no-such-service'], /^wireline: resolve no-such-service: no such service .*\n$/],
    // What somebody passes on must not move the cursor of somebody else's terminal.
    [['127.0.0.1', 'a\u001b[2J'], /^wireline: resolve a\\x1b\[2J: no such service .*\n$/],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await resolve(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });
});

describe('wrong usage, exit code 2', () => {
  test.each([
    [[], "missing required argument 'host'"],
    [['localhost', '65536'], 'expected a port, a number from 0 to 65535'],
    [['localhost', '-1'], "unknown option '-1'"],
    [['localhost', '+80'], 'expected a port, 0 to 65535, or the name of a service'],
    [['localhost', '-4', '-6'], "'-4, --ipv4' cannot be used with option '-6, --ipv6'"],
    [['localhost', '--type', 'seqpacket'], 'Allowed choices are stream, dgram, raw'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await resolve(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  });
});

test('--help shows how it is used', async () => {
  const { code, stdout } = await resolve('--help');
  expect(code).toBe(0);
  for (const words of ['-4, --ipv4', '--json', '$ wireline resolve localhost']) {
    expect(stdout).toContain(words);
  }
});
