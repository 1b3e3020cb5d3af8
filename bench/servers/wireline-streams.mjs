/**
 * wireline of the suite streams: a server with a contract for long bodies. `upload` counts the bytes that come,
 * `download` sends as many as are wanted, in pieces of the size that is wanted.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { defineContract, implement, Server } from '@wireline/service';
import { number, object } from 'zod';

const contract = defineContract({
  upload: {
    request: object({}),
    requestParts: 'bytes',
    response: object({ length: number() }),
  },
  download: { request: object({ length: number(), part: number() }), responseParts: 'bytes' },
});

const server = new Server(
  implement(contract, {
    async upload(_input, { parts }) {
      let length = 0;
      for await (const part of parts.lent()) length += part.length;
      return { length };
    },

    async *download({ length, part }) {
      const bytes = new Uint8Array(part);
      for (let left = length; left > 0; left -= part) yield bytes.subarray(0, Math.min(left, part));
    },
  }),
);

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening on 127.0.0.1:${port}`);
