/** A search server on a free port, and what its observer saw. */
import { createSearchHandler, Directory } from '@wireline/search';
import { Server, type Handler, type ServerObserver, type ServerOptions } from '@wireline/service';

/** A server under test. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** What ended each closed connection, in order; `undefined` for a good end. */
  readonly endings: (Error | undefined)[];
  /** Resolves when `count` connections have ended. */
  ended(count: number): Promise<void>;
}

/** Starts a server with `handler`, or the search application. */
export async function startServer(
  handler: Handler = createSearchHandler(Directory.builtIn()),
  options: ServerOptions = {},
): Promise<ServerUnderTest> {
  const endings: (Error | undefined)[] = [];
  let wake: () => void = () => {};
  const observer: ServerObserver = {
    ...options.observer,
    closed: (connection, error) => {
      options.observer?.closed?.(connection, error);
      endings.push(error);
      wake();
    },
  };
  const server = new Server(handler, { ...options, observer });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    server,
    port,
    endings,
    ended: async (count) => {
      while (endings.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.destroy();
      await server.close();
    },
  };
}
