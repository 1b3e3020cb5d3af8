/**
 * A server to be tried: the conformance application on `@wireline/service`.
 *
 *     node server.js [HOST [PORT]]
 *
 * Prints `listening on HOST:PORT`; a port of 0, the default, is one that is free. SIGTERM and Ctrl-C close it: it
 * says goodbye on each connection.
 */
import { Server } from '@wireline/service/server';
import { createConformanceHandler } from './application.ts';

const [host = '127.0.0.1', port = '0'] = process.argv.slice(2);
const server = new Server(createConformanceHandler());
const address = await server.listen({ host, port: Number(port) });
if ('port' in address) process.stdout.write(`listening on ${address.host}:${address.port}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close().catch((error: unknown) => {
      process.stderr.write(`close: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
  });
}
