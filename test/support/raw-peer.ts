/**
 * RawPeer: an independent peer over `node:net` that sends any bytes and reads what comes back.
 */
import { connect, type Socket } from 'node:net';
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing';
import {
  MessageDecoder,
  MessageEncoder,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';

/** The bytes of a message. */
export function bytesOf(...messages: readonly OutgoingMessage[]): Uint8Array {
  const buffer = new SendBuffer();
  const encoder = new MessageEncoder({ byteorder: 'little' });
  for (const message of messages) encoder.encode(message, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

/** A connection that a test drives by hand. */
export class RawPeer {
  readonly socket: Socket;
  readonly #received = new ReceiveBuffer();
  readonly #decoder = new MessageDecoder();
  readonly #chunks: Uint8Array[] = [];
  /** Settles when the server's end of stream came; rejects on a reset. */
  readonly ended: Promise<void>;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#received.append(chunk);
      this.#wake();
    });
    this.ended = new Promise((resolve, reject) => {
      socket.once('end', resolve);
      socket.once('error', reject);
    });
    this.ended.then(
      () => this.#wake(),
      () => this.#wake(),
    );
  }

  /**
   * Connects to a server on this machine. `allowHalfOpen` keeps our side open after the server's end;
   * `localAddress` says from which of this machine's addresses, 127.0.0.2 for one, the peer comes.
   */
  static async connect(
    port: number,
    options: { allowHalfOpen?: boolean; localAddress?: string } = {},
  ): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', ...options });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawPeer(socket);
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends byte by byte, each in a segment of its own as far as the kernel lets it. */
  async drip(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      await new Promise<void>((resolve, reject) => {
        this.socket.write(Uint8Array.of(byte), (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  /** Everything that came so far. */
  get receivedBytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  /** The next message. Rejects when the stream ends first. */
  async message(): Promise<Message> {
    for (;;) {
      const message = this.#decoder.decode(this.#received);
      if (message !== NEED_DATA) return message;
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error('the server ended the connection before the message');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next message as JSON content. */
  async json(): Promise<Record<string, unknown>> {
    const message = await this.message();
    if (message.kind !== 'json') throw new Error(`a ${message.header.contentType} message came`);
    return message.value;
  }

  /** Throws the connection away with a reset. */
  reset(): void {
    this.socket.on('error', () => {});
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.on('error', () => {});
    this.socket.destroy();
  }
}
