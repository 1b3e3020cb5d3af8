/** A server that a test talks to with peers of its own. */
import type { OutgoingMessage } from '@wireline/message';
import { Server, type Handler, type ServerOptions } from '@wireline/service';
import type { Address } from '@wireline/socket';
import { Peer } from './peer.ts';
import type { Scene } from './stage.ts';

/** A server under test. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly address: Address;
  readonly connect: () => Promise<Peer>;
}

/** Serves on a scene's network. */
export async function serve(
  scene: Pick<Scene, 'network' | 'anywhere' | 'clock'>,
  handler: Handler,
  options: ServerOptions = {},
): Promise<Served> {
  const { network, anywhere, clock } = scene;
  // Handlers that fail are many a test's subject: nobody is to be warned of them.
  const observer = { handlerFailed: () => {}, ...options.observer };
  const server = new Server(handler, { network, clock, ...options, observer });
  const address = await server.listen(anywhere);
  return {
    server,
    address,
    connect: () => Peer.connect(network, address, clock),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A handler whose answers the test gives. */
export function answersByHand(): {
  readonly handler: Handler;
  readonly answers: ((answer: OutgoingMessage) => void)[];
  /** Resolves when so many requests wait for their answers. */
  readonly asked: (count: number) => Promise<void>;
} {
  const answers: ((answer: OutgoingMessage) => void)[] = [];
  let wake: () => void = () => {};
  return {
    answers,
    handler: () =>
      new Promise((resolve) => {
        answers.push(resolve);
        wake();
      }),
    asked: async (count) => {
      while (answers.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
