/** Bytes that are sent from where they are: what becomes of them when the connection is gone already. */
import { binaryMessage, jsonMessage } from '@wireline/message';
import { Client, ConnectionBrokenError, Server } from '@wireline/service';
import { expect, test } from 'vitest';

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
