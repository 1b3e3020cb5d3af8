/** `http.request` over native connections: one, and an `Agent` that makes and keeps them. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { createConnection } from '@wireline/socket/promises';
import { attach } from '@wireline/socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bulk } from './bulk.ts';
import { textOf, turn, untilClosed } from './reading.ts';
import { KINDS, type NativeStream, type StreamKind } from './stream-kind.ts';

/** An agent whose connections are native. */
class NativeAgent extends Agent {
  readonly made: NativeStream[] = [];
  readonly #kind: StreamKind;

  constructor(kind: StreamKind) {
    super({ keepAlive: true });
    this.#kind = kind;
  }

  override createConnection(
    { port }: RequestOptions,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void this.#make(Number(port), done);
  }

  async #make(port: number, done: (error: Error | null, stream: Duplex) => void): Promise<void> {
    try {
      const stream = this.#kind.make(await createConnection({ host: '127.0.0.1', port }));
      this.made.push(stream);
      done(null, stream);
    } catch (error) {
      // What is thrown is an error, and where there is one nobody looks at the stream.
      done(error as Error, undefined as unknown as Duplex);
    }
  }
}

/** A server of Node's, and its port. */
async function served(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  return address.port;
}

function agentOf(kind: StreamKind): NativeAgent {
  const agent = new NativeAgent(kind);
  onTestFinished(() => agent.destroy());
  return agent;
}

async function allClosed({ made }: NativeAgent): Promise<void> {
  expect(made).toHaveLength(1);
  await Promise.all(made.map(untilClosed));
}

async function answerTo(options: RequestOptions, body?: Uint8Array): Promise<IncomingMessage> {
  const asked = request({ host: '127.0.0.1', ...options });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage]; // what the event carries
  return response;
}

describe.each(KINDS)('$name', (kind) => {
  test('one request over a connection that is there', async () => {
    const port = await served((asked, response) => response.end(`you asked for ${asked.url}`));
    const socket = await createConnection({ host: '127.0.0.1', port });
    const stream = kind.make(socket);
    const response = await answerTo({ path: '/x', createConnection: () => stream });
    expect(await textOf(response)).toBe('you asked for /x');
    await untilClosed(stream);
  });

  test('an agent keeps its connection, and uses it again', async () => {
    const port = await served((asked, response) => response.end(String(asked.socket.remotePort)));
    const agent = agentOf(kind);
    const first = await textOf(await answerTo({ port, agent }));
    await turn();
    const second = await textOf(await answerTo({ port, agent }));
    expect(second).toBe(first);
    expect(agent.made).toHaveLength(1);
    const [stream] = agent.made;
    expect(stream?.localPort).toBe(Number(first));
    if (stream !== undefined) expect(attach(stream).getsockopt('SO_KEEPALIVE')).toBe(true);
  });

  test('the server ends a connection that rests: the agent makes another one', async () => {
    const port = await served((asked, response) => {
      response.end('hello', () => setImmediate(() => asked.socket.end()));
    });
    const agent = agentOf(kind);
    await textOf(await answerTo({ port, agent }));
    await allClosed(agent);
    expect(await textOf(await answerTo({ port, agent }))).toBe('hello');
    expect(agent.made).toHaveLength(2);
  });

  test('large bodies, both ways at once', async () => {
    const port = await served((asked, response) => asked.pipe(response));
    const body = bulk(20_000_000);
    const response = await answerTo({ port, method: 'POST', agent: agentOf(kind) }, body);
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });

  test('a time-out of the request', async () => {
    const port = await served(() => {});
    const agent = agentOf(kind);
    const asked = request({ host: '127.0.0.1', port, agent, timeout: 5 }).end();
    await once(asked, 'timeout');
    asked.destroy();
    const [error] = (await once(asked, 'error')) as [Error]; // what the event carries
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    await allClosed(agent);
  });

  test('aborted by a signal before the answer: an AbortError, and the connection is closed', async () => {
    const abort = new AbortController();
    const port = await served(() => abort.abort());
    const agent = agentOf(kind);
    const asked = request({ host: '127.0.0.1', port, agent, signal: abort.signal }).end();
    const [error] = (await once(asked, 'error')) as [Error]; // what the event carries
    expect(error).toMatchObject({ code: 'ABORT_ERR' });
    await allClosed(agent);
  });

  test('aborted by a signal in the answer: the answer fails, and the connection is closed', async () => {
    const port = await served((_asked, response) => response.write('first'));
    const agent = agentOf(kind);
    const abort = new AbortController();
    const response = await answerTo({ port, agent, signal: abort.signal });
    const failed = new Promise((resolve) => response.once('error', resolve));
    await once(response, 'data');
    abort.abort();
    expect(await failed).toBeInstanceOf(Error);
    await allClosed(agent);
  });

  test('the server resets: ECONNRESET', async () => {
    const port = await served((asked) => asked.socket.resetAndDestroy());
    const asked = request({ host: '127.0.0.1', port, agent: agentOf(kind) }).end();
    const [error] = (await once(asked, 'error')) as [Error]; // what the event carries
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('nobody listens: the error of connect is the error of the request', async () => {
    const port = await served(() => {});
    const agent = agentOf(kind);
    const refused = await createConnection({ host: '127.0.0.1', port }).then((socket) => {
      const { port: free } = socket.getsockname();
      socket.close();
      return free;
    });
    const asked = request({ host: '127.0.0.1', port: refused, agent }).end();
    const [error] = (await once(asked, 'error')) as [Error]; // what the event carries
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
