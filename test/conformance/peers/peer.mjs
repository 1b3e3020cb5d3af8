/**
 * A peer over node:net and node:dgram, in a process of its own, which plays what it is told. `peer.py` is the same
 * over Python's socket module, and its head tells the orders and the moves.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** @typedef {[host: string, port: number]} Address */
/** @typedef {readonly [move: string, value?: string | number | Address, hex?: string]} Move */
/** @typedef {string | { path: string }} Place a host, or a path as hex */
/** @typedef {{ id: number, moves: readonly Move[] } & Role} Order */
/** @typedef {{ listen: Place } | { connect: Place, port: number } | { datagrams: string }} Role */

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

/** What came. */
class Playing {
  /** @type {number[]} */
  records = [];
  digest = createHash('sha256');

  /** @param {Buffer} data */
  note(data) {
    this.records.push(data.length);
    this.digest.update(data);
  }

  facts() {
    const received = this.records.reduce((sum, length) => sum + length, 0);
    return { received, records: this.records, digest: this.digest.digest('hex') };
  }
}

/** One connection and what came on it. */
class Play extends Playing {
  /** @readonly */
  #socket;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    super();
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
        this.note(data);
        return data;
      }
      if (socket.readableEnded || socket.destroyed) return undefined;
      const controller = new AbortController();
      const changes = ['readable', 'end', 'close'].map((event) => once(socket, event, controller));
      await Promise.race(changes).finally(() => controller.abort());
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

/** One socket of datagrams and what came on it. */
class DatagramPlay extends Playing {
  /** @type {Address} */
  peer = ['', 0];
  /** @readonly */
  #socket;
  /**
   * @readonly
   * @type {[Buffer, import('node:dgram').RemoteInfo][]}
   */
  #come = [];

  /** @param {import('node:dgram').Socket} socket */
  constructor(socket) {
    super();
    this.#socket = socket;
    socket.on('message', (data, from) => this.#come.push([data, from]));
  }

  /** @param {Move} move */
  async make([move, value = '', hex = '']) {
    switch (move) {
      case 'receive':
        for (let i = 0; i < Number(value); i++) await this.#take();
        return undefined;
      case 'answer':
        for (let i = 0; i < Number(value); i++) {
          const data = await this.#take();
          await this.#send(data.reverse(), this.peer);
        }
        return undefined;
      case 'send to':
        return this.#send(Buffer.from(hex, 'hex'), /** @type {Address} */ (value)); // as the move has it
      case 'send':
        return this.#send(Buffer.from(String(value), 'hex'), this.peer);
      default:
        throw new Error(`no such move of datagrams: ${move}`);
    }
  }

  async #take() {
    for (;;) {
      const [data, from] = this.#come.shift() ?? [];
      if (data === undefined || from === undefined) {
        await once(this.#socket, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
        continue;
      }
      this.note(data);
      this.peer = [from.address, from.port];
      return data;
    }
  }

  /**
   * @param {Buffer} data
   * @param {Address} to
   * @returns {Promise<void>}
   */
  #send(data, [host, port]) {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, port, host, (error) => (error ? reject(error) : resolve()));
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
  const { remoteAddress, remotePort } = socket;
  const peer = remoteAddress === undefined ? null : [remoteAddress, remotePort];
  const playing = new Play(socket);
  let error = null;
  try {
    for (const move of order.moves) await playing.make(move);
    if (!socket.destroyed) await new Promise((resolve) => socket.end(() => resolve(undefined)));
  } catch (failure) {
    error = String(failure);
  }
  socket.destroySoon();
  answer(order, { ...playing.facts(), peer, error });
}

/** @param {Order & { datagrams: string }} order */
async function exchange(order) {
  const socket = createSocket(order.datagrams.includes(':') ? 'udp6' : 'udp4');
  const playing = new DatagramPlay(socket);
  socket.bind(0, order.datagrams);
  await once(socket, 'listening');
  answer(order, { port: socket.address().port });
  let error = null;
  try {
    for (const move of order.moves) await playing.make(move);
  } catch (failure) {
    error = String(failure);
  }
  socket.close();
  answer(order, { ...playing.facts(), peer: playing.peer, error });
}

/** @param {{ path: string }} place */
function pathOf({ path }) {
  return Buffer.from(path, 'hex').toString();
}

/** @param {Order & { listen: Place }} order */
function listen(order) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    server.close();
    void play(order, socket);
  });
  const place = order.listen;
  const where = typeof place === 'string' ? { host: place, port: 0 } : { path: pathOf(place) };
  server.listen(where, () => {
    const address = server.address();
    answer(order, { port: typeof address === 'object' ? address?.port : 0 });
  });
}

/** @param {Order & { connect: Place, port: number }} order */
function begin(order) {
  const { connect: place, port } = order;
  const where = typeof place === 'string' ? { host: place, port } : { path: pathOf(place) };
  const socket = connect({ ...where, allowHalfOpen: true });
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
  else if ('datagrams' in order) void exchange(order);
  else begin(order);
});
orders.on('close', () => process.exit());
