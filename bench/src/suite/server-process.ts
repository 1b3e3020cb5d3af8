/** ServerProcess: a contestant that runs, on the server's processor. */
import { setTimeout as delay } from 'node:timers/promises';
import { pinned, type Processors } from '../processors.ts';
import { countDescriptors } from '../process-cost.ts';
import { Program } from '../program.ts';
import { reasonOf } from '../reason.ts';
import type { Entrant } from './contestant.ts';
import type { Exchange, Expectation } from './exchange.ts';

/** How often the descriptors of a server are counted while it closes connections. */
const SETTLE_INTERVAL_MS = 10;

/** A server that still has connections after so many tries, 5 s, does not close them. */
const SETTLE_TRIES = 500;

/** What a JavaScript server tells of its heap after a collection, in bytes. */
export interface HeapUse {
  readonly heapUsed: number;
  readonly external: number;
}

/** How a server is started. */
export interface ServerOptions {
  /** Of contestants that have none of their own. */
  readonly exchange: Exchange;
  readonly processors: Processors | undefined;
  /** Whether a JavaScript contestant can be told to collect garbage. */
  readonly collects?: boolean;
}

/** A server under load. */
export class ServerProcess implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** What it is asked with. */
  readonly exchange: Exchange;
  /** What it answers. */
  readonly expectation: Expectation;
  readonly #program: Program;
  readonly #collects: boolean;
  /** How many descriptors it has open when it has no connection. */
  readonly #descriptors: number;

  private constructor(
    program: Program,
    facts: {
      readonly name: string;
      readonly port: number;
      readonly exchange: Exchange;
      readonly expectation: Expectation;
      readonly collects: boolean;
      readonly descriptors: number;
    },
  ) {
    this.#program = program;
    this.name = facts.name;
    this.port = facts.port;
    this.exchange = facts.exchange;
    this.expectation = facts.expectation;
    this.#collects = facts.collects;
    this.#descriptors = facts.descriptors;
  }

  /** Starts a contestant and makes sure that it answers as it must. */
  static async start(entrant: Entrant, options: ServerOptions): Promise<ServerProcess> {
    const { contestant, command, collectingCommand } = entrant;
    const { processors } = options;
    const { name, exchange = options.exchange } = contestant;
    const collects = options.collects === true && collectingCommand !== undefined;
    const program = await Program.start(
      name,
      pinned(collects ? collectingCommand : command, processors?.server),
    );
    try {
      const port = Number((await program.says(/listening on \S+:(\d+)/))[1]);
      const descriptors = countDescriptors(program.pid);
      const expectation = await exchange.check(port);
      const facts = { name, port, exchange, expectation, collects, descriptors };
      const server = new ServerProcess(program, facts);
      await server.settle();
      return server;
    } catch (error) {
      program.kill();
      throw new Error(`start ${name}: ${reasonOf(error)}`, { cause: error });
    }
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** What it printed last. */
  get lastWords(): string {
    return this.#program.lastWords;
  }

  /** Resolves when the server has closed all its connections. */
  async settle(): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      if (countDescriptors(this.pid) <= this.#descriptors) return;
      await delay(SETTLE_INTERVAL_MS);
    }
    const left = countDescriptors(this.pid) - this.#descriptors;
    throw new Error(`wait for ${this.name} to close its connections: ${left} are left`);
  }

  /** Lets a JavaScript server collect its garbage, and reads its heap; undefined for all others. */
  async collect(): Promise<HeapUse | undefined> {
    if (!this.#collects) return undefined;
    this.#program.forget();
    this.#program.signal('SIGUSR2');
    const [, json = ''] = await this.#program.says(/^collected (.*)\n/m, 'stderr');
    return JSON.parse(json) as HeapUse; // written by our own bench/servers/collect.mjs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.kill();
    await this.#program.ended();
  }
}
