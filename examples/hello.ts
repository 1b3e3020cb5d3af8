/**
 * A message from a client to a server and back, both in one program.
 *
 *   npm run example -- hello
 *
 * It prints `hello`, which is what the server answers to every message.
 */
// #region hello
import { jsonMessage } from '@wireline/message';
import { Client, Server } from '@wireline/service';

const server = new Server(() => jsonMessage({ result: 'hello' }));
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

const client = await Client.connect({ host: '127.0.0.1', port });
const answer = await client.request(jsonMessage({ action: 'greet' }));
if (answer.kind === 'json') console.log(answer.value['result']);

client.close();
await server.close();
// #endregion hello
