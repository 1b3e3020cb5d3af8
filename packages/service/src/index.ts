/**
 * `@wireline/service`: a message server and client that stay up, typed by one contract.
 *
 * @example
 * ```ts
 * import { Client, defineContract, implement, Server } from '@wireline/service';
 * import { z } from 'zod';
 *
 * const contract = defineContract({
 *   greet: { request: z.object({ name: z.string() }), response: z.object({ text: z.string() }) },
 * });
 * const server = new Server(implement(contract, { greet: ({ name }) => ({ text: `hello, ${name}` }) }));
 * await server.listen({ host: '127.0.0.1', port: 65432 });
 *
 * const client = new Client({ host: '127.0.0.1', port: 65432 }, { contract });
 * const { text } = await client.request('greet', { name: 'you' });
 * client.close();
 * await server.close();
 * ```
 */
export * from './client/index.ts';
export * from './contract/index.ts';
export * from './server/index.ts';
