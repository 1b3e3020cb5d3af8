/**
 * RawServer: a server on any network that does with each connection what the test says.
 */
import type { Transport, TransportListener } from '@wireline/service/testing';
import type { Address } from '@wireline/socket';
import { Peer } from './peer.ts';
import type { Scene } from './stage.ts';

/** Accepts, and plays. */
export class RawServer {
  readonly #serve: (peer: Peer, index: number) => Promise<void>;
  readonly #served: Promise<void>[] = [];
  #listener: TransportListener | undefined;

  private constructor(serve: (peer: Peer, index: number) => Promise<void>) {
    this.#serve = serve;
  }

  /** Listens. Each connection is closed when `serve` is through with it; `index` counts from 0. */
  static async start(
    { network, anywhere, clock }: Pick<Scene, 'network' | 'anywhere' | 'clock'>,
    serve: (peer: Peer, index: number) => Promise<void>,
  ): Promise<RawServer> {
    const server = new RawServer(serve);
    server.#listener = await network.listen(
      anywhere,
      {
        onTransport: (transport) => server.#accept(transport),
        onAcceptFailed: () => {},
        onStarved: () => {},
        onRecovered: () => {},
        onError: () => {},
      },
      clock,
    );
    return server;
  }

  /** Where it listens, or has listened. */
  get address(): Address {
    if (this.#listener === undefined) throw new Error('ask for the address: it does not listen');
    return this.#listener.address;
  }

  /** How many connections have come. */
  get count(): number {
    return this.#served.length;
  }

  /** Listens no more; resolves when everybody has been served, rejects when that failed. */
  async close(): Promise<void> {
    this.#listener?.close();
    await Promise.all(this.#served);
  }

  #accept(transport: Transport): void {
    const peer = new Peer(transport);
    const served = this.#serve(peer, this.#served.length).finally(() => peer.close());
    served.catch(() => {}); // told by close
    this.#served.push(served);
  }
}
