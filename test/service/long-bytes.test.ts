/**
 * Bytes that are sent from where they are: in as few segments as if they had been copied, and what becomes of them
 * when the connection is gone already.
 */
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import { binaryMessage, jsonMessage, MessageDecoder, MessageEncoder } from '@wireline/message';
import { Client, ConnectionBrokenError, Server } from '@wireline/service';
import { createConnection } from '@wireline/socket/promises';
import { expect, test } from 'vitest';

test('long bytes and their header are one segment', async () => {
  const bytes = new Uint8Array(20_000).fill(1); // less than a first segment on loopback
  await using server = new Server(() => binaryMessage(bytes, 'image/png'));
  const { host, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  await using socket = await createConnection({ host, port });
  const request = new SendBuffer();
  new MessageEncoder().encode(jsonMessage({}), request);
  await socket.sendAll(request.bytes.subarray(0, request.end));
  const received = new ReceiveBuffer();
  const decoder = new MessageDecoder();
  let answer = decoder.decode(received);
  while (answer === NEED_DATA) {
    received.append(await socket.recv(65_536));
    answer = decoder.decode(received);
  }
  expect(answer).toMatchObject({ kind: 'binary', bytes });
  expect(socket.tcpInfo().dataSegsIn).toBe(1);
});

test.each([1_000, 16 * 1024, 1_000_000])(
  'a request of %d bytes to a server that has just gone fails, and does not wait',
  async (length) => {
    const server = new Server(() => jsonMessage({}));
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    await using client = await Client.connect(address, { requestTimeoutMs: 10_000 });
    await client.request(jsonMessage({}));
    await client.request(jsonMessage({}));
    server.destroy();
    const request = client.request(binaryMessage(new Uint8Array(length), 'image/png'));
    await expect(request).rejects.toBeInstanceOf(ConnectionBrokenError);
  },
);
