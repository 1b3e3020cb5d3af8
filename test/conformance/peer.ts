/**
 * Peer: a program that shares no code with us and plays what a test tells it, over `node:net` and `node:dgram`, or
 * Python's socket module.
 *
 * It is a process of its own, so that it goes on while a call of ours blocks. One of each kind serves a whole
 * file of tests; `peers/peer.py` tells the language that they understand.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { InternetEndpoint } from '@wireline/socket';

/** What a peer does on its connection. */
export type Move =
  | readonly ['send' | 'urgent', hex: string]
  | readonly ['send pattern' | 'receive', count: number]
  | readonly ['receive to end' | 'echo' | 'reverse' | 'finish' | 'reset']
  | readonly ['receive records' | 'receive fds', count: number]
  | readonly ['send fds', hex: string, ...kinds: ('pipe' | 'connection' | 'listener')[]];

/** What a peer does on its socket of datagrams. */
export type DatagramMove =
  | readonly ['receive' | 'answer', count: number]
  | readonly ['send', hex: string]
  | readonly ['send to', place: PeerAddress, hex: string];

/** An address as peers have it; that of a Unix socket as hex, nothing for none. */
export type PeerAddress = readonly [host: string, port: number] | string;

/** The path of a Unix socket for a peer, whatever bytes it has. */
export interface PeerPath {
  readonly path: string | Uint8Array;
  readonly type?: 'stream' | 'seqpacket';
}

/** How a play went. */
export interface PlayReport {
  /** How many bytes it received, how many call by call, and their SHA-256. */
  readonly received: number;
  readonly records: readonly number[];
  readonly digest: string;
  /** Our address, as it saw it; `null` where it cannot tell. */
  readonly peer: PeerAddress | null;
  readonly error: string | null;
}

/** A play that goes on. */
export interface Playing {
  /** Resolves when it is over. */
  readonly report: Promise<PlayReport>;
}

/** A play that goes on at a port. */
export interface PlayingAt extends Playing {
  readonly port: number;
}

/** A kind of peer. */
export interface PeerKind {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** The kind that can do what node:net cannot. */
export const PYTHON: PeerKind = { name: 'Python', command: ['python3', 'peer.py'] };

/** Both kinds. */
export const PEER_KINDS: readonly PeerKind[] = [
  { name: 'node:net', command: [process.execPath, 'peer.mjs'] },
  PYTHON,
];

type Answer = Partial<PlayReport> & { readonly id: number; readonly port?: number };

/** A running peer. */
export class Peer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** Answers that came before anybody asked: a short play is over when its beginning is heard of. */
  readonly #early = new Map<number, Answer>();
  readonly #ended: Promise<never>;
  #orders = 0;

  constructor({ command: [program, ...args] }: PeerKind) {
    const cwd = fileURLToPath(new URL('peers/', import.meta.url));
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    this.#process = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = new Promise((_resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)));
    });
    this.#ended.catch(() => {}); // told to whoever waits for an answer
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      // The peers' own language.
      const answer = JSON.parse(line) as Answer;
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (waiting === undefined) this.#early.set(answer.id, answer);
      else waiting(answer);
    });
  }

  /** Has it listen for one connection, on which it then makes `moves`. The port of a path is 0. */
  listen(where: string | PeerPath, moves: readonly Move[]): Promise<PlayingAt> {
    return this.#begin({ ...place('listen', where), moves });
  }

  /** Has it bind a socket of datagrams, and make `moves`. */
  exchange(where: string | PeerPath, moves: readonly DatagramMove[]): Promise<PlayingAt> {
    return this.#begin({ ...place('datagrams', where), moves });
  }

  /** Has it connect and make `moves`. Returns at once: a call that blocks can wait for the connection. */
  connect(where: InternetEndpoint | PeerPath, moves: readonly Move[]): Playing {
    const order =
      'path' in where ? place('connect', where) : { connect: where.host, port: where.port };
    return { report: this.#report(this.#order({ ...order, moves })) };
  }

  /** Ends it: all its connections with it. */
  close(): void {
    this.#process.kill('SIGKILL');
  }

  async #begin(order: object): Promise<PlayingAt> {
    const id = this.#order(order);
    const { port } = await this.#answer(id);
    if (port === undefined) throw new Error(`have a peer begin: it told no port`);
    return { port, report: this.#report(id) };
  }

  #order(order: object): number {
    this.#orders += 1;
    // A pipe that is not full is written to at once, also when this thread blocks next.
    this.#process.stdin.write(`${JSON.stringify({ id: this.#orders, ...order })}\n`);
    return this.#orders;
  }

  #answer(id: number): Promise<Answer> {
    const early = this.#early.get(id);
    if (early !== undefined) return Promise.resolve(early);
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    return Promise.race([answered, this.#ended]);
  }

  #report(id: number): Promise<PlayReport> {
    const report = this.#answer(id).then((answer) => answer as PlayReport); // the second answer is one
    report.catch(() => {}); // told to whoever asks
    return report;
  }
}

function place(role: string, where: string | PeerPath): object {
  if (typeof where === 'string') return { [role]: where };
  return { [role]: { path: hexOf(where.path) }, type: where.type ?? 'stream' };
}

/** Bytes, or the bytes of a text, as peers have them. */
export function hexOf(bytes: string | Uint8Array): string {
  return Buffer.from(typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('hex');
}
