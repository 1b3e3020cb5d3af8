/**
 * `docs/error-codes.md` and the sources say the same: each code stands in its table, each class is named, and nothing
 * is there that is not. What is thrown under a code is found in the sources by how it is written.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as framing from '@wireline/framing';
import * as framingTesting from '@wireline/framing/testing';
import * as message from '@wireline/message';
import { FRAMING_AFTER, jsonMessage } from '@wireline/message';
import * as search from '@wireline/search';
import * as service from '@wireline/service';
import {
  AnswerError,
  Client,
  ConnectError,
  ConnectionBrokenError,
  defineContract,
  implement,
  RequestRefusedError,
  RequestTimeoutError,
  Server,
} from '@wireline/service';
import * as serviceTesting from '@wireline/service/testing';
import * as socket from '@wireline/socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const PAGE = readFileSync('docs/error-codes.md', 'utf8');

/** The tables of a section, each as its rows' cells without their backticks. */
function tablesOf(heading: string): string[][][] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ', 1);
  return Array.from(text.matchAll(/(?:^\|.*\n)+/gm), ([table]) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.split('|').map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')))
      .map((cells) => cells.slice(1, -1)),
  );
}

/** One column of a table, in order. */
function columnOf(table: string[][] | undefined, index: number): string[] {
  return (table ?? []).map((row) => row[index] ?? '').toSorted();
}

/** The sources of a package, without comments. */
function sourcesOf(name: string): string {
  const folder = `packages/${name}/src`;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, ''))
    .join('\n');
}

/** The codes with which `maker` is called. */
function codesOf(source: string, maker: string): string[] {
  const calls = source.matchAll(new RegExp(`\\b${maker}\\(\\s*'([a-z]+(?:-[a-z]+)*)',`, 'g'));
  return Array.from(calls, ([, code = '']) => code);
}

/** Classes that say their code themselves. */
function ownCodesOf(source: string): [string, string][] {
  const classes = source.matchAll(/class (\w+) extends Error \{[^}]*?readonly code = '([a-z-]+)'/g);
  return Array.from(classes, ([, name = '', code = '']) => [code, name]);
}

function sorted(codes: Iterable<string>): string[] {
  return [...new Set(codes)].toSorted();
}

const SERVICE = sourcesOf('service');
const MESSAGE = sourcesOf('message');
const FRAMING = sourcesOf('framing');
const SEARCH = sourcesOf('search');

describe('each code stands where it belongs', () => {
  test('those with a class of their own', () => {
    const rows = [
      ...(tablesOf("What a client's caller gets")[0] ?? []),
      ...(tablesOf('In tests, and elsewhere')[0] ?? []).filter(([code]) => code !== WARNING),
    ];
    const written = rows.map(([code, name]) => `${code} ${name}`);
    const found = [...ownCodesOf(SERVICE), ...ownCodesOf(SEARCH)].map((pair) => pair.join(' '));
    expect(sorted(written)).toEqual(sorted(found));
    expect(written).toHaveLength(found.length);
  });

  test.each([
    ['intact', 0],
    ['lost', 1],
  ] as const)('those of the wire that leave the framing %s', (after, index) => {
    const codes = Object.entries(FRAMING_AFTER).filter(([, framing]) => framing === after);
    expect(columnOf(tablesOf('What a server answers')[index], 0)).toEqual(
      sorted(codes.map(([code]) => code)),
    );
  });

  test('no other is answered or refused with', () => {
    const used = ['errorAnswer', 'RequestRefusedError', 'MessageError'].flatMap((maker) =>
      codesOf(SERVICE + MESSAGE, maker),
    );
    expect(used.length).toBeGreaterThan(5);
    for (const code of used) expect(Object.keys(FRAMING_AFTER)).toContain(code);
  });

  test('those of what cannot be sent', () => {
    const [messages, frames] = tablesOf('What cannot be sent');
    const local = codesOf(MESSAGE + SERVICE, 'LocalProtocolError');
    // One class of these gives its code to its parent.
    expect(columnOf(messages, 0)).toEqual(sorted([...local, 'buffer-full']));
    expect(columnOf(frames, 0)).toEqual(sorted(codesOf(FRAMING, 'LocalProtocolError')));
  });

  test('those of what a peer of a framing did', () => {
    const [table] = tablesOf('What a peer of a framing did');
    const remote = [...codesOf(FRAMING, 'FrameFault'), ...codesOf(FRAMING, 'RemoteProtocolError')];
    expect(columnOf(table, 0)).toEqual(sorted([...remote, 'truncated']));
    expect(sorted(codesOf(FRAMING, 'super'))).toEqual(['buffer-full', 'truncated']);
  });

  test('the warning', () => {
    expect(SERVICE).toContain(`'${WARNING}'`);
    expect(PAGE).toContain(`\`${WARNING}\``);
  });
});

/** What native sockets that do not load are warned of with. */
const WARNING = 'WIRELINE_NODE_TRANSPORT';

/** The error classes that a package exports. */
function errorsOf(exported: object): string[] {
  return Object.values(exported).flatMap((value: unknown) =>
    typeof value === 'function' && value.prototype instanceof Error ? [value.name] : [],
  );
}

describe('classes', () => {
  const own = [framing, framingTesting, message, search, service, serviceTesting].flatMap(errorsOf);

  test('each that a package exports is on the page', () => {
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });

  test('each on the page is exported, or the platform has it', () => {
    const known = new Set([...own, ...errorsOf(socket), 'AbortError', 'RangeError', 'TypeError']);
    const named = Array.from(
      PAGE.matchAll(/`([A-Z]\w*(?:Error|Fault))`/g),
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('what a program cannot have meant has no code', () => {
  const server = new Server(() => jsonMessage({}));

  test('a call at the wrong moment is a plain Error', async () => {
    onTestFinished(async () => server.close());
    await server.listen({ host: '127.0.0.1', port: 0 });
    const error: unknown = await server
      .listen({ host: '127.0.0.1', port: 0 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining('listen') });
    expect(error).not.toHaveProperty('code');
  });

  test('a wrong argument is a TypeError or a RangeError', async () => {
    const client = new Client({ host: '127.0.0.1', port: 1 });
    onTestFinished(() => client.close());
    const error: unknown = await client
      .request(message.jsonMessage({}), { timeoutMs: -1 })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).not.toHaveProperty('code');
  });
});

describe('the example', () => {
  const symbol = z.string();
  const contract = defineContract({
    quote: { request: z.object({ symbol }), response: z.object({ price: z.number() }) },
  });

  async function listen(): Promise<{ server: Server; ask: (symbol: string) => Promise<unknown> }> {
    const server = new Server(
      implement(contract, {
        quote({ symbol: asked }) {
          if (asked === 'BUSY') throw new RequestRefusedError('overloaded', 'not now');
          if (asked === 'NONE') throw new RequestRefusedError('input-invalid', 'nobody sells it');
          if (asked === 'ODD') throw new Error('a defect');
          return { price: 12 };
        },
      }),
    );
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = new Client({ host: '127.0.0.1', port }, { contract });
    onTestFinished(async () => {
      client.close();
      await server.close();
    });

    // #region ask
    async function quote(symbol: string): Promise<number | 'nobody sells it' | 'try later'> {
      try {
        const { price } = await client.request('quote', { symbol }, { idempotent: true });
        return price;
      } catch (error) {
        if (error instanceof AnswerError) {
          // The server has said no: its code says why, and the connection goes on.
          if (error.code === 'input-invalid') return 'nobody sells it';
          if (error.code === 'overloaded' || error.code === 'rate-limited') return 'try later';
        }
        // Nobody has said anything.
        const isGone = error instanceof ConnectError || error instanceof ConnectionBrokenError;
        if (isGone || error instanceof RequestTimeoutError) return 'try later';
        throw error;
      }
    }
    // #endregion ask
    return { server, ask: quote };
  }

  test('tells answers from no answer', async () => {
    const { ask } = await listen();
    expect(await ask('WIR')).toBe(12);
    expect(await ask('NONE')).toBe('nobody sells it');
    expect(await ask('BUSY')).toBe('try later');
    await expect(ask('ODD')).rejects.toMatchObject({ code: 'internal' });
  });

  test('nobody is there', async () => {
    const { server, ask } = await listen();
    await server.close();
    expect(await ask('WIR')).toBe('try later');
  });
});
