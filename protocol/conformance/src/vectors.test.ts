/**
 * The vectors of conversations: what a writer makes of each step, what a reader makes of its bytes, and what a
 * running server answers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import {
  binaryMessage,
  jsonMessage,
  MessageDecoder,
  MessageEncoder,
  MessageError,
  readConversation,
  type Message,
} from '@wireline/message';
import { Server } from '@wireline/service/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConformanceHandler } from './peers/application.ts';
import { ScriptedServer } from './testing/scripted-server.ts';
import { Channel } from './trial/channel.ts';
import type { Expectation } from './trial/expectation.ts';
import { Transcript } from './trial/transcript.ts';
import type { JsonObject } from './wire/json.ts';
import { ROOT } from './workspace.ts';

interface Step {
  readonly from: 'client' | 'server';
  readonly bytes: string;
  readonly 'content-type': string;
  readonly extensions: JsonObject;
  readonly kind: 'json' | 'binary' | 'broken';
  readonly value?: JsonObject;
  readonly content?: string;
  readonly exact?: boolean;
  /** It is an error answer. */
  readonly error?: string;
  /** It breaks a rule by itself. */
  readonly breaks?: string;
  readonly words?: string;
  readonly 'id-free'?: boolean;
}

interface Vector {
  readonly section: string;
  readonly name: string;
  readonly peer: 'client' | 'server';
  readonly connection: 'lives' | 'closes';
  readonly unordered?: boolean;
  readonly steps: readonly Step[];
}

const VECTORS = readVectors();
const STEPS = VECTORS.flatMap(({ name, peer, steps }) =>
  steps.map((step, index) => ({ ...step, title: `${name}, step ${index + 1}`, peer })),
);

test('there are vectors of each section and both peers, under different names', () => {
  expect(new Set(VECTORS.map(({ section }) => section))).toEqual(
    new Set(['ids', 'parts', 'cancel', 'deadline', 'actions', 'misuse', 'goodbye']),
  );
  expect(new Set(VECTORS.map(({ peer }) => peer))).toEqual(new Set(['server', 'client']));
  const names = VECTORS.map(({ section, name, peer }) => `${peer} ${section} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(STEPS.filter(({ exact }) => exact === true))('is written so: $title', (step) => {
  const buffer = new SendBuffer();
  const { extensions } = step;
  const type = step['content-type'];
  const message =
    step.kind === 'json'
      ? jsonMessage(step.value ?? {}, { extensions })
      : binaryMessage(Buffer.from(step.content ?? '', 'hex'), type, { extensions });
  new MessageEncoder({ byteorder: 'little' }).encode(message, buffer);
  const written = Buffer.from(buffer.bytes.subarray(buffer.start, buffer.end));
  expect(written.toString('latin1')).toBe(Buffer.from(step.bytes, 'hex').toString('latin1'));
});

const breaksRule = ({ breaks }: Step): boolean => breaks !== undefined;

test.each(STEPS.filter((step) => !breaksRule(step)))('is read so: $title', (step) => {
  const message = decode(step);
  expect(message.kind).toBe(step.kind);
  if (message.kind === 'json') expect(message.value).toEqual(step.value);
  else expect(Buffer.from(message.bytes).toString('hex')).toBe(step.content);
  expect(message.header.contentType).toBe(step['content-type']);
  expect(message.header.extensions).toEqual(step.extensions);
  const { extensions } = step;
  expect(readConversation(message.header)).toEqual({
    id: extensions['message-id'],
    inReplyTo: extensions['in-reply-to'],
    more: extensions['more'] ?? false,
    cancel: extensions['cancel'] ?? false,
    deadlineMs: extensions['deadline-ms'],
    closing: extensions['closing'] === true,
  });
});

test.each(STEPS.filter(breaksRule))('breaks a rule: $title', (step) => {
  const attempt = (): unknown => readConversation(decode(step).header);
  expect(attempt).toThrow(MessageError);
  expect(attempt).toThrow(expect.objectContaining({ code: step.breaks }));
});

/** Who is tried: a server of ours, and the one that was written by hand after the specification. */
const SERVERS = {
  'on @wireline/service': async () => {
    const server = new Server(createConformanceHandler());
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    return { port, end: async () => server.close() };
  },
  scripted: async () => {
    const server = await ScriptedServer.start();
    return { port: server.port, end: () => server.destroy() };
  },
};

describe.each(Object.entries(SERVERS))('a server %s', (_name, start) => {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server.end();
  });

  test.each(VECTORS.filter(({ peer }) => peer === 'server'))('$section: $name', async (vector) => {
    const address = { host: '127.0.0.1', port: server.port };
    await play(vector, address);
    expect(vector.steps.length).toBeGreaterThan(1);
  });
});

/** Sends the client's steps, and expects the server's. */
async function play(
  vector: Vector,
  address: { readonly host: string; readonly port: number },
): Promise<void> {
  const { signal } = new AbortController();
  const transcript = new Transcript();
  const channel = await Channel.connect(address, {
    number: 1,
    timeoutMs: 5000,
    signal,
    transcript,
  });
  try {
    let owed: Step[] = [];
    for (const step of vector.steps) {
      if (step.from === 'server') owed.push(step);
      else {
        await expectAll(channel, owed, vector.unordered === true);
        owed = [];
        channel.send(Buffer.from(step.bytes, 'hex'));
      }
    }
    await expectAll(channel, owed, vector.unordered === true);
    if (vector.connection === 'closes') await channel.expectEnd();
    else await channel.finish();
  } finally {
    channel.close();
  }
}

async function expectAll(
  channel: Channel,
  steps: readonly Step[],
  unordered: boolean,
): Promise<void> {
  if (steps.some(({ kind, extensions }) => kind === 'binary' && extensions['more'] === true)) {
    await expectJoined(channel, steps);
  } else if (unordered) await channel.expectInAnyOrder(steps.map(expectationOf));
  else for (const step of steps) await channel.expect(expectationOf(step));
}

/** Bytes in parts, wherever they are cut. */
async function expectJoined(channel: Channel, steps: readonly Step[]): Promise<void> {
  const contents: Uint8Array[] = [];
  const to = steps[0]?.extensions['in-reply-to'];
  for (;;) {
    const part = await channel.next('a part');
    expect(part.header['in-reply-to']).toBe(to);
    contents.push(part.content);
    if (part.header['more'] !== true) break;
  }
  const joined = steps.map(({ content }) => content ?? '').join('');
  expect(Buffer.concat(contents).toString('hex')).toBe(joined);
}

function expectationOf(step: Step): Expectation {
  const { extensions, error, words, value, content } = step;
  const to = extensions['in-reply-to'];
  const more = extensions['more'] === true;
  const reply = typeof to === 'number' ? { to, more } : { more };
  if (error !== undefined) {
    const free = step['id-free'] === true ? { to: 'any' as const } : {};
    return { ...reply, ...free, error, ...(words === undefined ? {} : { words }) };
  }
  if (step.kind === 'json') return { ...reply, value: value ?? {} };
  return { ...reply, content: Buffer.from(content ?? '', 'hex'), type: step['content-type'] };
}

function decode(step: Step): Message {
  const buffer = new ReceiveBuffer();
  buffer.append(Buffer.from(step.bytes, 'hex'));
  const decoder = new MessageDecoder();
  const message = decoder.decode(buffer);
  if (message === NEED_DATA) throw new Error('a step is cut off');
  decoder.end(buffer);
  return message;
}

function readVectors(): readonly Vector[] {
  const path = join(ROOT, 'protocol', 'vectors', 'conversations.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly Vector[] };
  return file.vectors; // the form of the file is part of the protocol
}
