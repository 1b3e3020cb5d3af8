/**
 * `@wireline/service`: a message server and client that stay up.
 *
 * @example
 * ```ts
 * import { jsonMessage } from '@wireline/message';
 * import { Client, Server } from '@wireline/service';
 *
 * const server = new Server(() => jsonMessage({ result: 'hello' }));
 * await server.listen({ host: '127.0.0.1', port: 65432 });
 *
 * const client = await Client.connect({ host: '127.0.0.1', port: 65432 });
 * console.log(await client.request(jsonMessage({ action: 'greet' })));
 * client.close();
 * await server.close();
 * ```
 */
export * from './client/index.ts';
export * from './server/index.ts';
