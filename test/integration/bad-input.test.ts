/**
 * Bad input over real sockets: every vector, whole and byte by byte, gets its answer and costs nobody else
 * anything.
 */
import { readFileSync } from 'node:fs';
import { jsonMessage } from '@wireline/message';
import { Client } from '@wireline/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { startServer, type ServerUnderTest } from '../support/search-server.ts';

interface Vector {
  readonly name: string;
  readonly bytes: string;
  readonly code: string;
  readonly framing: 'intact' | 'lost';
  readonly next: number | null;
}

const file = new URL('../../protocol/vectors/bad-input.json', import.meta.url);
// The file is ours; its own tests check its shape.
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };

let it: ServerUnderTest;
let bystander: Client;

beforeAll(async () => {
  it = await startServer();
  bystander = await Client.connect({ host: '127.0.0.1', port: it.port });
});

afterAll(async () => {
  bystander.close();
  await it[Symbol.asyncDispose]();
});

async function expectAnswered(vector: Vector, peer: RawPeer): Promise<void> {
  if (vector.code === 'truncated') {
    peer.socket.end();
    await peer.ended;
    expect(peer.receivedBytes).toHaveLength(0);
    return;
  }
  expect(await peer.json()).toMatchObject({
    result: expect.stringMatching(/^Error: /),
    error: { code: vector.code },
  });
  if (vector.framing === 'intact') {
    // What stands behind the bad message is {"next": 1}: read, and found to have no action.
    if (vector.next !== null) {
      expect(await peer.json()).toMatchObject({ error: { code: 'action-invalid' } });
    }
    peer.socket.end();
  }
  await peer.ended;
}

async function expectOthersServed(): Promise<void> {
  const answer = await bystander.request(jsonMessage({ action: 'search', value: 'ring' }));
  expect(answer.kind === 'json' && answer.value['result']).toContain('Misty Mountains');
}

describe.each(vectors)('$name', (vector) => {
  test('whole', async () => {
    const peer = await RawPeer.connect(it.port);
    peer.send(Buffer.from(vector.bytes, 'hex'));
    await expectAnswered(vector, peer);
    await expectOthersServed();
  });

  test('byte by byte', async () => {
    const peer = await RawPeer.connect(it.port);
    peer.socket.on('error', () => {}); // the server may be done with us before we are
    await peer.drip(Buffer.from(vector.bytes, 'hex')).catch(() => {});
    await expectAnswered(vector, peer);
    await expectOthersServed();
  });
});
