/** Talker: a peer over `node:net` that says lines and waits for what comes back. */
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** A connection of Node's whose text can be awaited. */
export class Talker implements Disposable {
  readonly socket: Socket;
  /** Settles when the connection is over, be it by a reset. */
  readonly closed: Promise<void>;
  #text = '';
  #isOver = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    socket.on('error', () => {}); // the program under test may be killed
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects. */
  static async connect(where: NetConnectOpts): Promise<Talker> {
    const talker = new Talker(connect(where));
    await once(talker.socket, 'connect');
    return talker;
  }

  /** Everything that came so far. */
  get text(): string {
    return this.#text;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves to the match when it has come. Rejects when the connection ends without. */
  async hears(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) return found;
      if (this.#isOver) throw new Error(`the connection ended before ${pattern}: ${this.#text}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Throws the connection away with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
