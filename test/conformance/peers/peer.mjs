/**
 * A peer over node:net, in a process of its own, which plays what it is told. `peer.py` is the same over
 * Python's socket module, and its head tells the orders and the moves.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** @typedef {readonly [move: string, value?: string | number]} Move */
/** @typedef {{ id: number, moves: readonly Move[] } & ({ listen: string } | { connect: string, port: number })} Order */

/** Any wait: a test that waits longer has found a hang. */
const DEADLINE_MS = 10_000;

/**
 * Bytes that differ from their neighbours, so that a lost or doubled one shows.
 *
 * @param {number} count
 */
function pattern(count) {
  const bytes = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) bytes[i] = i * 31 + (i >> 8) * 7;
  return bytes;
}

/** One connection and what came on it. */
class Play {
  received = 0;
  digest = createHash('sha256');
  /** @readonly */
  #socket;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
  }

  /** @param {Move} move */
  async make([move, value = '']) {
    const socket = this.#socket;
    switch (move) {
      case 'send':
        return this.#write(Buffer.from(String(value), 'hex'));
      case 'send pattern':
        return this.#write(pattern(Number(value)));
      case 'receive':
        return this.#receive(Number(value));
      case 'receive to end':
        return void (await this.#receiveToEnd());
      case 'echo':
        return this.#echo();
      case 'reverse':
        return this.#write((await this.#receiveToEnd()).reverse());
      case 'finish':
        return void socket.end();
      case 'reset':
        return void socket.resetAndDestroy();
      default:
        throw new Error(`no such move: ${move}`);
    }
  }

  /** @param {number} count */
  async #receive(count) {
    for (let left = count; left > 0;) {
      const data = await this.#next(left);
      if (data === undefined) throw new Error('the stream ended early');
      left -= data.length;
    }
  }

  async #receiveToEnd() {
    const parts = [];
    for (let data = await this.#next(); data !== undefined; data = await this.#next()) {
      parts.push(data);
    }
    return Buffer.concat(parts);
  }

  /** Sends back what comes, and goes on receiving while the other side does not. */
  async #echo() {
    for (let data = await this.#next(); data !== undefined; data = await this.#next()) {
      this.#socket.write(data);
    }
  }

  /** Up to `most` bytes that come next; nothing at the end of the stream. */
  async #next(most = Infinity) {
    const socket = this.#socket;
    for (;;) {
      if (socket.errored !== null) throw socket.errored;
      const size = Math.min(most, socket.readableLength);
      // A socket in no object mode gives bytes.
      const data = /** @type {Buffer | null} */ (size > 0 ? socket.read(size) : socket.read());
      if (data !== null) {
        this.received += data.length;
        this.digest.update(data);
        return data;
      }
      if (socket.readableEnded || socket.destroyed) return undefined;
      await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
    }
  }

  /**
   * @param {Buffer} bytes
   * @returns {Promise<void>}
   */
  #write(bytes) {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/**
 * @param {Order} order
 * @param {object} facts
 */
function answer(order, facts) {
  process.stdout.write(`${JSON.stringify({ id: order.id, ...facts })}\n`);
}

/**
 * @param {Order} order
 * @param {import('node:net').Socket} socket
 */
async function play(order, socket) {
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('nothing happens')));
  socket.on('error', () => {}); // told by the next move
  const peer = [socket.remoteAddress, socket.remotePort];
  const playing = new Play(socket);
  let error = null;
  try {
    for (const move of order.moves) await playing.make(move);
    if (!socket.destroyed) await new Promise((resolve) => socket.end(() => resolve(undefined)));
  } catch (failure) {
    error = String(failure);
  }
  socket.destroySoon();
  answer(order, { received: playing.received, digest: playing.digest.digest('hex'), peer, error });
}

/** @param {Order & { listen: string }} order */
function listen(order) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    server.close();
    void play(order, socket);
  });
  server.listen(0, order.listen, () => {
    const address = server.address();
    answer(order, { port: typeof address === 'object' ? address?.port : undefined });
  });
}

/** @param {Order & { connect: string, port: number }} order */
function begin(order) {
  const socket = connect({ host: order.connect, port: order.port, allowHalfOpen: true });
  const refused = (/** @type {Error} */ error) => answer(order, { error: String(error) });
  socket.once('error', refused);
  socket.once('connect', () => {
    socket.off('error', refused);
    void play(order, socket);
  });
}

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const order = /** @type {Order} */ (JSON.parse(line)); // the tests' own language
  if ('listen' in order) listen(order);
  else begin(order);
});
orders.on('close', () => process.exit());
