/** `getaddrinfo` and `getnameinfo` of both faces, held against each other and against Python’s. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as blocking from '@wireline/socket';
import {
  NameResolutionError,
  type AddressInfo,
  type AddressInfoOptions,
  type IpAddress,
  type NameInfoFlag,
  type NameInfoOptions,
} from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { describe, expect, test } from 'vitest';

/** Both faces, awaited. */
const FACES = [
  {
    title: 'the face that blocks',
    getaddrinfo: async (...args: Parameters<typeof blocking.getaddrinfo>) =>
      blocking.getaddrinfo(...args),
    getnameinfo: async (...args: Parameters<typeof blocking.getnameinfo>) =>
      blocking.getnameinfo(...args),
    hasCanonicalName: true,
  },
  {
    title: 'the awaited face',
    getaddrinfo: (...args: Parameters<typeof blocking.getaddrinfo>) =>
      // What it does not have it refuses, as a test below sees.
      awaited.getaddrinfo(...(args as Parameters<typeof awaited.getaddrinfo>)),
    getnameinfo: awaited.getnameinfo,
    hasCanonicalName: false,
  },
];

type Question = readonly [string | null, number | string, AddressInfoOptions?];

/** What a face answers, in Python's words; an error as its code. */
async function told(
  getaddrinfo: (...question: Question) => Promise<AddressInfo[]>,
  question: Question,
): Promise<unknown> {
  try {
    return (await getaddrinfo(...question)).map(
      ({ family, type, protocol, canonicalName = '', address }) => [
        { inet: 'AF_INET', inet6: 'AF_INET6' }[family],
        { stream: 'SOCK_STREAM', dgram: 'SOCK_DGRAM', raw: 'SOCK_RAW' }[type],
        protocol,
        canonicalName,
        address.family === 'inet'
          ? [address.host, address.port]
          : [address.host, address.port, address.flowinfo, address.scopeId],
      ],
    );
  } catch (error) {
    if (error instanceof NameResolutionError) return error.code;
    throw error;
  }
}

const PYTHON = `
import json, socket, sys
codes = {socket.EAI_NONAME: 'ENOTFOUND', socket.EAI_ADDRFAMILY: 'EAI_ADDRFAMILY', socket.EAI_SERVICE: 'EAI_SERVICE'}
def number(word, of): return getattr(socket, of[word]) if word else 0
def ask(host, port, options={}):
    try:
        found = socket.getaddrinfo(host, port,
            number(options.get('family'), {'inet': 'AF_INET', 'inet6': 'AF_INET6'}),
            number(options.get('type'), {'stream': 'SOCK_STREAM', 'dgram': 'SOCK_DGRAM', 'raw': 'SOCK_RAW'}),
            0, sum(getattr(socket, flag) for flag in options.get('flags', [])))
    except socket.gaierror as error:
        return codes.get(error.errno, error.errno)
    # Python shows a zone in the text of the host, too.
    return [[f.name, t.name, p, c, [a[0].split('%')[0], *a[1:]]] for f, t, p, c, a in found]
def names(port, flags):
    return socket.getnameinfo(('127.0.0.1', port), sum(getattr(socket, flag) for flag in flags))
asked = json.load(sys.stdin)
print(json.dumps({
    'questions': [ask(*question) for question in asked['questions']],
    'names': [names(**name) for name in asked['names']],
}))
`;

const QUESTIONS: readonly Question[] = [
  ['127.0.0.1', 80],
  ['localhost', 80],
  ['localhost', 0, { type: 'stream' }],
  ['localhost', 80, { family: 'inet', type: 'dgram' }],
  ['localhost', 80, { family: 'inet6', type: 'dgram', flags: ['AI_V4MAPPED'] }],
  ['localhost', 80, { family: 'inet6', flags: ['AI_V4MAPPED', 'AI_ALL'] }],
  ['localhost', 80, { flags: ['AI_ADDRCONFIG'] }],
  ['localhost', 80, { flags: ['AI_NUMERICHOST'] }],
  ['127.0.0.1', 80, { flags: ['AI_NUMERICHOST'] }],
  ['127.0.0.1', 80, { family: 'inet6' }],
  ['127.0.0.1', 80, { family: 'inet6', flags: ['AI_V4MAPPED'] }],
  ['::1', 80, { family: 'inet' }],
  ['::1', 80, { family: 'inet6', flags: ['AI_V4MAPPED'] }],
  ['fe80::1%lo', 80, { type: 'stream' }],
  ['fe80::1%1', 80, { type: 'stream' }],
  [null, 80],
  [null, 80, { flags: ['AI_PASSIVE'] }],
  [null, 80, { family: 'inet', flags: ['AI_PASSIVE'] }],
  [null, 80, { family: 'inet6' }],
  ['127.0.0.1', 80, { flags: ['AI_PASSIVE'] }],
  ['127.0.0.1', '0080', { type: 'stream' }],
  ['localhost', 'no-such-service'],
  ['localhost', '80x'],
  ['localhost', '-1'],
];

/** Where the machine has names for ports. */
const SERVICES: readonly Question[] = [
  ['localhost', 'http'],
  ['127.0.0.1', 'domain'],
  ['127.0.0.1', 'domain', { type: 'dgram' }],
  ['127.0.0.1', 'http', { type: 'dgram' }],
  ['127.0.0.1', 'www', { type: 'stream' }],
  ['127.0.0.1', 'HTTP'],
  [null, 'http', { flags: ['AI_PASSIVE'] }],
  ['127.0.0.1', 'http', { flags: ['AI_NUMERICSERV'] }],
];

const CANONICAL: readonly Question[] = [
  ['localhost', 80, { flags: ['AI_CANONNAME'] }],
  ['127.0.0.1', 80, { flags: ['AI_CANONNAME'] }],
];

const hasServices = existsSync('/etc/services');

/** Ports of loopback whose names are asked for. */
const NAMES: readonly { readonly port: number; readonly flags: readonly NameInfoFlag[] }[] = [
  { port: 80, flags: [] },
  { port: 12_345, flags: [] },
  { port: 123, flags: [] },
  { port: 123, flags: ['NI_DGRAM'] },
  { port: 80, flags: ['NI_NUMERICHOST'] },
  { port: 80, flags: ['NI_NUMERICSERV'] },
  { port: 80, flags: ['NI_NUMERICHOST', 'NI_NUMERICSERV'] },
  { port: 80, flags: ['NI_NAMEREQD'] },
];

/** What Python says of them all. */
const answers = JSON.parse(
  execFileSync('python3', ['-c', PYTHON], {
    input: JSON.stringify({ questions: [...QUESTIONS, ...SERVICES, ...CANONICAL], names: NAMES }),
    encoding: 'utf8',
  }),
) as { questions: unknown[]; names: [string, string][] }; // as the program above prints it

const withAnswers = (questions: readonly Question[], from: number): [Question, unknown][] =>
  questions.map((question, index) => [question, answers.questions[from + index]]);

const namesOf = (name: (typeof NAMES)[number]): readonly [string?, string?] =>
  answers.names[NAMES.indexOf(name)] ?? [];

describe.each(FACES)('$title', ({ getaddrinfo, getnameinfo, hasCanonicalName }) => {
  test.each(withAnswers(QUESTIONS, 0))('%j is what C says', async (question, answer) => {
    expect(await told(getaddrinfo, question)).toEqual(answer);
  });

  describe.skipIf(!hasServices)('services (skipped without /etc/services)', () => {
    test.each(withAnswers(SERVICES, QUESTIONS.length))('%j', async (question, answer) => {
      // C says EAI_NONAME where the port has to be a number: the same to whoever reads it.
      const expected =
        question[2]?.flags === undefined || answer !== 'ENOTFOUND' ? answer : 'EAI_SERVICE';
      expect(await told(getaddrinfo, question)).toEqual(expected);
    });
  });

  test.each(withAnswers(CANONICAL, QUESTIONS.length + SERVICES.length))(
    'the canonical name: %j',
    async (question, answer) => {
      if (hasCanonicalName) expect(await told(getaddrinfo, question)).toEqual(answer);
      else {
        await expect(getaddrinfo(...question)).rejects.toThrow(
          'getaddrinfo with AI_CANONNAME: Node does not tell that name without blocking',
        );
      }
    },
  );

  test('an empty host is all interfaces, as when binding; null is C’s', async () => {
    const hosts = async (...question: Question): Promise<string[]> =>
      (await getaddrinfo(...question)).map(({ address }) => address.host);
    expect(await hosts('', 80, { type: 'stream' })).toEqual(['0.0.0.0']);
    expect(await hosts('', 80, { type: 'stream', family: 'inet6' })).toEqual(['::']);
    expect(await hosts(null, 80, { type: 'stream' })).toEqual(['::1', '127.0.0.1']);
  });

  test('an entry opens a socket, which can connect to its address', async () => {
    const server = blocking.createServer({ host: '127.0.0.1', port: 0 });
    const { port } = server.getsockname();
    const [first] = await getaddrinfo('localhost', port, { type: 'stream', family: 'inet' });
    if (first === undefined) throw new Error('localhost has no address');
    const socket = new blocking.Socket(first);
    socket.connect(first.address);
    expect(socket.getpeername()).toEqual(server.getsockname());
    socket.close();
    server.close();
  });

  test('a name that nobody has', async () => {
    // Too long a label is none, and is not looked up.
    const asking = getaddrinfo(`${'x'.repeat(64)}.invalid`, 80);
    await expect(asking).rejects.toThrow(NameResolutionError);
  });

  test('a service that nobody has', async () => {
    await expect(getaddrinfo('localhost', 'no-such-service')).rejects.toThrow(
      'resolve no-such-service: no such service in /etc/services; use the number of its port (EAI_SERVICE)',
    );
  });

  test.each([
    [['127.0.0.1', 65_536], RangeError, 'use port 65536'],
    [['127.0.0.1', '65536'], RangeError, 'use port 65536'],
    [['127.0.0.1', -1], RangeError, 'use port -1'],
    [[80, 80], TypeError, 'getaddrinfo of a host that is a number: expected text, or null'],
    [[undefined, 80], TypeError, 'getaddrinfo of a host that is a undefined'],
    [['', 80, { family: 'unix' }], TypeError, "use the family 'unix': expected 'inet', 'inet6'"],
    [
      ['', 80, { type: 'seqpacket' }],
      TypeError,
      "use the type 'seqpacket': expected 'stream', 'dgram', 'raw'",
    ],
    [['', 80, { flags: 'AI_ALLES' }], TypeError, "use the flag 'AI_ALLES': expected 'AI_PASSIVE'"],
    [[null, 80, { flags: 'AI_CANONNAME' }], TypeError, 'only a host has such a name'],
    [['', 80, { flags: 'AI_CANONNAME' }], TypeError, 'only a host has such a name'],
  ])('%j is refused', async (question, ErrorClass, words) => {
    // From a caller without types.
    const asking = (async () => getaddrinfo(...(question as unknown as Question)))();
    await expect(asking).rejects.toThrow(ErrorClass);
    await expect(asking).rejects.toThrow(words);
  });

  test.skipIf(!hasServices).each(NAMES)('the names of %j are what C says', async (name) => {
    const { port, flags } = name;
    const [host, service] = namesOf(name);
    const address = { family: 'inet', host: '127.0.0.1', port } as const;
    expect(await getnameinfo(address, { flags })).toEqual({ host, service });
  });

  test.each([
    [
      { family: 'unix', path: '/run/x' },
      {},
      'getnameinfo of unix:/run/x: a path has no other name',
    ],
    [
      { family: 'inet', host: 'localhost', port: 1 },
      {},
      "read an IPv4 address: 'localhost' is none",
    ],
    [{ family: 'inet', host: '', port: 1 }, { flags: 'NI_ALL' }, "use the flag 'NI_ALL'"],
  ])('the names of %j with %j are refused', async (address, options, words) => {
    // From a caller without types.
    const asking = (async () => getnameinfo(address as IpAddress, options as NameInfoOptions))();
    await expect(asking).rejects.toThrow(TypeError);
    await expect(asking).rejects.toThrow(words);
  });

  test('an empty host has the number that it stands for', async () => {
    const flags = ['NI_NUMERICHOST', 'NI_NUMERICSERV'] as const;
    const any = { host: '', port: 7 } as const;
    const zero = { flowinfo: 0, scopeId: 0 };
    expect(await getnameinfo({ ...any, family: 'inet' }, { flags })).toEqual({
      host: '0.0.0.0',
      service: '7',
    });
    expect(await getnameinfo({ ...any, ...zero, family: 'inet6' }, { flags })).toEqual({
      host: '::',
      service: '7',
    });
  });
});

describe('the awaited face', () => {
  test('a signal ends the wait', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const address = { family: 'inet', host: '127.0.0.1', port: 80 } as const;
    await expect(awaited.getaddrinfo('localhost', 80, { signal })).rejects.toBe(reason);
    await expect(awaited.getnameinfo(address, { signal })).rejects.toBe(reason);
    const numbers = { signal, flags: ['NI_NUMERICHOST', 'NI_NUMERICSERV'] } as const;
    await expect(awaited.getnameinfo(address, numbers)).rejects.toBe(reason);
    const controller = new AbortController();
    const later = { signal: controller.signal };
    const asking = [
      awaited.getaddrinfo('localhost', 80, later),
      awaited.getnameinfo(address, later),
    ];
    controller.abort(reason);
    for (const promise of asking) await expect(promise).rejects.toBe(reason);
  });
});
