/**
 * Peer: a program that shares no code with us and plays what a test tells it, over `node:net` or Python's
 * socket module.
 *
 * It is a process of its own, so that it goes on while a call of ours blocks. One of each kind serves a whole
 * file of tests; `peers/peer.py` tells the language that they understand.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Address } from '@wireline/socket';

/** What a peer does on its connection. */
export type Move =
  | readonly ['send' | 'urgent', hex: string]
  | readonly ['send pattern' | 'receive', count: number]
  | readonly ['receive to end' | 'echo' | 'reverse' | 'finish' | 'reset'];

/** How a play went. */
export interface PlayReport {
  /** How many bytes it received, and their SHA-256. */
  readonly received: number;
  readonly digest: string;
  /** Our address, as it saw it. */
  readonly peer: readonly [host: string, port: number];
  readonly error: string | null;
}

/** A play that goes on. */
export interface Playing {
  /** Resolves when it is over. */
  readonly report: Promise<PlayReport>;
}

/** A kind of peer. */
export interface PeerKind {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** Both kinds. */
export const PEER_KINDS: readonly PeerKind[] = [
  { name: 'node:net', command: [process.execPath, 'peer.mjs'] },
  { name: 'Python', command: ['python3', 'peer.py'] },
];

/** The kind that can send urgent data. */
export const PYTHON: PeerKind = { name: 'Python', command: ['python3', 'peer.py'] };

type Answer = Partial<PlayReport> & { readonly id: number; readonly port?: number };

/** A running peer. */
export class Peer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
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
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  /** Has it listen for one connection, on which it then makes `moves`. */
  async listen(host: string, moves: readonly Move[]): Promise<Playing & { readonly port: number }> {
    const id = this.#order({ listen: host, moves });
    const { port } = await this.#answer(id);
    if (port === undefined) throw new Error(`have a peer listen on ${host}: it told no port`);
    return { port, report: this.#report(id) };
  }

  /** Has it connect and make `moves`. Returns at once: a call that blocks can wait for the connection. */
  connect({ host, port }: Pick<Address, 'host' | 'port'>, moves: readonly Move[]): Playing {
    return { report: this.#report(this.#order({ connect: host, port, moves })) };
  }

  /** Ends it: all its connections with it. */
  close(): void {
    this.#process.kill('SIGKILL');
  }

  #order(order: object): number {
    this.#orders += 1;
    // A pipe that is not full is written to at once, also when this thread blocks next.
    this.#process.stdin.write(`${JSON.stringify({ id: this.#orders, ...order })}\n`);
    return this.#orders;
  }

  #answer(id: number): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    return Promise.race([answered, this.#ended]);
  }

  #report(id: number): Promise<PlayReport> {
    const report = this.#answer(id).then((answer) => answer as PlayReport); // the second answer is one
    report.catch(() => {}); // told to whoever asks
    return report;
  }
}
