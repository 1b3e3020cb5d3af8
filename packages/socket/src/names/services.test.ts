import { describe, expect, test } from 'vitest';
import { Services } from './services.ts';

const FILE = `# Network services
http            80/tcp          www www-http    # WorldWideWeb
domain 53/tcp
domain 53/udp
ntp		123/udp				# Network Time Protocol
  spaced   9/tcp
#commented 10/tcp
nonsense
half 11
other 12/sctp
alias-first 13/tcp second
second 14/tcp
`;

describe('a file', () => {
  const services = new Services(FILE);

  test.each([
    ['http', 'tcp', 80],
    ['www-http', 'tcp', 80],
    ['http', 'udp', undefined],
    ['domain', 'tcp', 53],
    ['domain', 'udp', 53],
    ['spaced', 'tcp', 9],
    ['ntp', 'udp', 123],
    ['second', 'tcp', 13], // the first that matches
    ['HTTP', 'tcp', undefined],
    ['commented', 'tcp', undefined],
    ['WorldWideWeb', 'tcp', undefined],
    ['other', 'tcp', undefined],
    ['half', 'tcp', undefined],
    ['', 'tcp', undefined],
  ] as const)('the port of %s over %s is %s', (name, protocol, port) => {
    expect(services.portOf(name, protocol)).toBe(port);
  });

  test.each([
    [80, 'tcp', 'http'],
    [53, 'udp', 'domain'],
    [123, 'tcp', undefined],
    [10, 'tcp', undefined],
  ] as const)('the service at port %i over %s is %s', (port, protocol, name) => {
    expect(services.nameOf(port, protocol)).toBe(name);
  });
});

test('no file is an empty one', () => {
  expect(new Services('').portOf('http', 'tcp')).toBeUndefined();
});

test('both ways to read the machine’s own say the same', async () => {
  const [read, awaited] = [Services.read(), await Services.readAwaited()];
  for (const name of ['http', 'domain', 'no-such-service']) {
    expect(awaited.portOf(name, 'tcp')).toBe(read.portOf(name, 'tcp'));
  }
});
