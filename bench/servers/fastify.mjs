/**
 * fastify: the look-up over HTTP, as Fastify's own guide has it: a route with schemas for what comes and what
 * goes, so that bodies are checked, and answers written by the serializer that Fastify compiles.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import fastify from 'fastify';

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

/** An object with one member, a string. @param {string} name */
function objectWith(name) {
  return { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] };
}

const server = fastify();

server.post(
  '/search',
  { schema: { body: objectWith('value'), response: { 200: objectWith('result') } } },
  (request, reply) => {
    const { value } = /** @type {{ value: string }} */ (request.body); // the schema says so
    reply.send({ result: ENTRIES.get(value) ?? `No match for '${value}'.` });
  },
);

await server.listen({ host: '127.0.0.1', port: 0 });
const address = server.server.address();
if (address === null || typeof address === 'string') throw new Error('listen: no port was given');
console.log(`listening on 127.0.0.1:${address.port}`);
