/**
 * A service whose compiler knows what can be asked: contract, server and client.
 *
 *   npm run example -- typed-service
 *
 * It prints `hello, Trinity`, which is what the server answers to that name.
 */
// #region typed-service
import { Client, defineContract, implement, Server } from '@wireline/service';
import { z } from 'zod';

const contract = defineContract({
  greet: { request: z.object({ name: z.string() }), response: z.object({ text: z.string() }) },
});

const server = new Server(
  implement(contract, { greet: ({ name }) => ({ text: `hello, ${name}` }) }),
);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

const client = new Client({ host: '127.0.0.1', port }, { contract });
const { text } = await client.request('greet', { name: 'Trinity' });
console.log(text);

client.close();
await server.close();
// #endregion typed-service
