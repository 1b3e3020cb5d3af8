/**
 * wireline-zod: Wireline's server with a contract whose schemas are Zod's, which check each request, and each
 * answer too.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { defineContract, implement, Server } from '@wireline/service';
import { object, string } from 'zod';

const contract = defineContract({
  search: { request: object({ value: string() }), response: object({ result: string() }) },
});

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

const server = new Server(
  implement(contract, {
    search: ({ value }) => ({ result: ENTRIES.get(value) ?? `No match for '${value}'.` }),
  }),
);

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening on 127.0.0.1:${port}`);
