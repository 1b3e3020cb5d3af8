/**
 * Bytes up and bytes down: 64 MiB, of which neither side ever holds more than a bit.
 *
 *   npm run example -- upload
 *
 * The client makes the bytes as they are asked for, and the server writes them to a file as they come: whoever is
 * faster waits. Then the client reads the file back. It prints how many bytes there were, that they came back the
 * same, and that at no time more than 16 MiB were on their way: the buffers of both programs and of the kernel.
 * The last line is a name that the contract does not let through.
 */
// #region contract
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client, defineContract, implement, Server } from '@wireline/service';
import { z } from 'zod';

const file = z.object({ name: z.string().regex(/^\w+$/) }); // a name, and never a path

const contract = defineContract({
  upload: { request: file, requestParts: 'bytes', response: z.object({ length: z.int() }) },
  download: { request: file, responseParts: 'bytes' },
});
// #endregion contract

const MIB = 1024 * 1024;
const folder = await mkdtemp(join(tmpdir(), 'upload-'));
let made = 0;
let mostOnTheWay = 0;

// #region server
const handler = implement(contract, {
  async upload({ name }, { parts, signal }) {
    const target = createWriteStream(join(folder, name));
    // While the file is not ready for more, nothing more is received, and the client has to wait.
    await pipeline(parts, observe, target, { signal });
    return { length: target.bytesWritten };
  },
  // Read from the disk as fast as the client takes it.
  download: ({ name }) => createReadStream(join(folder, name)),
});
// #endregion server

/** Looks at what has been made and has not arrived. */
async function* observe(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let arrived = 0;
  for await (const bytes of parts) {
    mostOnTheWay = Math.max(mostOnTheWay, made - arrived);
    arrived += bytes.length;
    yield bytes;
  }
}

const server = new Server(handler);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const client = new Client({ host: '127.0.0.1', port }, { contract });

// #region client
const sent = createHash('sha256');
const received = createHash('sha256');

function* piecesOf(count: number): Generator<Uint8Array> {
  for (let number = 0; number < count; number++) {
    const piece = new Uint8Array(MIB).fill(number);
    sent.update(piece);
    made += piece.length;
    yield piece;
  }
}

const { length } = await client.request('upload', { name: 'big' }, { parts: piecesOf(64) });
console.log(`uploaded ${length} bytes`);

for await (const bytes of client.stream('download', { name: 'big' })) received.update(bytes);
console.log(`the same came back: ${sent.digest('hex') === received.digest('hex')}`);
// #endregion client
console.log(`never more than 16 MiB on the way: ${mostOnTheWay < 16 * MIB}`);

try {
  for await (const _ of client.stream('download', { name: '../secret' }));
} catch (error) {
  console.log(String(error));
}

client.close();
await server.close();
await rm(folder, { recursive: true });
