/**
 * The framing examples: with each other, and each side with a peer in Python that sends all at once, or byte by byte.
 * What is printed does not depend on how the bytes were cut.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';
import { run, start } from './example.ts';

/** How the peers in Python cut what they send. */
const CUTS = ['whole', 'bytewise'] as const;

/** What a conversation sends, and what is printed of it. */
interface Conversation {
  /** The words of the client's command line. */
  readonly words: readonly string[];
  /** What our server prints of the client, behind its address. */
  readonly heard: readonly string[];
  /** What the server of Python prints. */
  readonly heardByPython: readonly string[];
  /** What our client prints. */
  readonly said: readonly string[];
  /** What the client of Python prints. */
  readonly saidByPython: readonly string[];
}

const LICENSE = readFileSync('LICENSE');
const receipt = `${LICENSE.length} bytes, ${createHash('sha256').update(LICENSE).digest('hex')}`;
const ANSWERS = ['received ONE', 'received ', 'received ÜBER', 'received A#'];
const ECHOES = ['received hello', 'received ', 'received binary', 'received é', 'received '];

const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  'framing-fixed': {
    words: ['one', 'x'.repeat(30), 'Grüße, #1'],
    heard: [': "one"', `: "${'x'.repeat(30)}"`, ': "Grüße, #1"', ' has closed'],
    heardByPython: ['one', 'x'.repeat(30), 'Grüße, #1'],
    said: ['sent 40 bytes', 'sent 40 bytes', 'sent 10 bytes'],
    saidByPython: [],
  },
  'framing-delimited': {
    words: ['one', '', 'über', 'a#'], // the last one ends as a mark begins
    heard: [': "one"', ': ""', ': "über"', ': "a#"', ' has closed'],
    heardByPython: ['one', '', 'über', 'a#'],
    said: ANSWERS,
    saidByPython: ANSWERS,
  },
  'framing-length': {
    words: ['hello', '', 'binary', 'é', ''],
    heard: [
      ', digits: "hello"',
      ', digits: ""',
      ', digits: "binary"',
      ', binary: "é"',
      ', binary: ""',
      ' has closed',
    ],
    heardByPython: ['digits hello', 'digits ', 'digits binary', 'binary é', 'binary '],
    said: [
      String.raw`sent "00005hello0000000006binary\u0000\u0000\u0000\u0002é\u0000\u0000\u0000\u0000"`,
      ...ECHOES,
    ],
    saidByPython: ECHOES,
  },
  'framing-type-byte': {
    words: ['21.5', '2 doors open', '!fire', '-4'],
    heard: [
      ': measurement 1: 21.50',
      ': note "2 doors open"',
      ': alarm "fire"',
      ': measurement 4: -4.00',
      ' has closed',
    ],
    heardByPython: [
      'measurement 1: 21.50',
      'note 2 doors open',
      'alarm fire',
      'measurement 4: -4.00',
    ],
    said: [
      'sent 010000000141ac0000',
      'sent 02000c3220646f6f7273206f70656e',
      'sent 036669726500',
      'sent 0100000004c0800000',
    ],
    saidByPython: [],
  },
  'framing-until-close': {
    words: ['LICENSE'],
    heard: [`: ${receipt}`, ' has closed'],
    heardByPython: [receipt],
    said: [`arrived: ${receipt}`],
    saidByPython: [`received ${receipt}`],
  },
};

/** A client in Python, run to its end. */
async function runPython(name: string, ...args: readonly string[]): Promise<Outcome> {
  await using client = Program.run('python3', script(name), 'client', '127.0.0.1', ...args);
  return await client.exited();
}

function script(name: string): string {
  return `test/examples/${name.replaceAll('-', '_')}.py`;
}

/** Waits for the end of a conversation, ends the server, and returns what it printed, without numbers of ports. */
async function heardBy(server: Program): Promise<string[]> {
  await server.says(/ has closed\n|lost /);
  server.signal('SIGINT');
  const { code, stdout, stderr } = await server.exited();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return linesOf(stdout).map((line) => line.replace(/127\.0\.0\.1:\d+/, 'PEER'));
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

describe.each(Object.entries(CONVERSATIONS))('%s', (name, conversation) => {
  const { words, heard, heardByPython, said, saidByPython } = conversation;
  const heardHere = ['listening on PEER', ...heard.map((line) => `PEER${line}`)];

  test('client and server', async () => {
    await using server = start(name, '127.0.0.1', '0');
    const { code, stdout, stderr } = await run(
      name,
      '127.0.0.1',
      `${await server.port()}`,
      ...words,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(said);
    expect(await heardBy(server)).toEqual(heardHere);
  });

  test.each(CUTS)('a client in Python that sends %s', async (cut) => {
    await using server = start(name, '127.0.0.1', '0');
    const port = `${await server.port()}`;
    const { code, stdout, stderr } = await runPython(name, port, cut, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(saidByPython);
    expect(await heardBy(server)).toEqual(heardHere);
  });

  test.each(CUTS)('a server in Python that sends %s', async (cut) => {
    await using server = Program.run('python3', script(name), 'server', '127.0.0.1', '0', cut);
    const { code, stdout, stderr } = await run(
      name,
      '127.0.0.1',
      `${await server.port()}`,
      ...words,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(said);
    const outcome = await server.exited();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(outcome.stdout).slice(1)).toEqual(heardByPython);
  });
});
