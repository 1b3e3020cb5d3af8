/**
 * Target: the built server under attack, in a process of its own, with a bystander who was there before and
 * a record of what the server was like at rest.
 *
 * The server runs as a person runs it, `wireline serve`, on a port of the kernel's choice. Added are only
 * `--quiet`, so that a log of ten thousand lines is not what is measured, and a preload that tells how much
 * memory is in use once garbage is collected.
 */
import assert from 'node:assert/strict';
import { Program } from '../support/program.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, within } from './deadlines.ts';
import { descriptorsOf, residentBytes } from './process-facts.ts';
import { searchBytes } from './wire.ts';

/** A server serves all tests of a file; none runs as long as this. */
const LIFETIME_MS = 120_000;

/** Requests before the first look at the memory: by then most of the code is compiled. */
const WARM_UP_REQUESTS = 300;

/** 5 ms: some two hundred looks a second at how the others fare. */
const BYSTANDER_PAUSE_MS = 5;

/** A request that every server can answer. */
export const REQUEST = searchBytes('ring');

const ANSWER = { result: 'In the caves beneath the Misty Mountains. \u{1F48D}' };

/** Options of {@link Target.start}. */
export interface TargetOptions {
  /** Options of `wireline serve`; `--quiet` unless told. */
  readonly serve?: readonly string[];
  /** Another program to be attacked, of `programs/`, with its arguments; it has to answer `REQUEST` as that one does. */
  readonly program?: readonly string[];
  /** The most descriptors that the server's process may have. */
  readonly maxDescriptors?: number;
}

/** Memory in use behind a collection, in bytes. */
export interface MemoryInUse {
  /** JavaScript's objects and its compiled code. */
  readonly heapUsed: number;
  /** What lies outside of that heap: buffers. */
  readonly external: number;
}

/** What a server is like when nobody asks anything. */
export interface AtRest extends MemoryInUse {
  readonly descriptors: readonly string[];
  readonly resident: number;
}

/** A server, its bystander, and how it was. */
export class Target implements AsyncDisposable {
  readonly program: Program;
  readonly port: number;
  /** Connected before anything happened. */
  readonly bystander: RawPeer;
  #atRest: AtRest | undefined;
  #memoryReports = 0;

  private constructor(program: Program, port: number, bystander: RawPeer) {
    this.program = program;
    this.port = port;
    this.bystander = bystander;
  }

  static async start(options: TargetOptions = {}): Promise<Target> {
    const command = [
      process.execPath,
      '--expose-gc',
      '--import=./test/hostile/programs/under-test.mjs',
      ...(options.program ?? [
        'packages/cli/bin/wireline.js',
        'serve',
        '127.0.0.1',
        '0',
        ...(options.serve ?? ['--quiet']),
      ]),
    ];
    const limit = `ulimit -n ${options.maxDescriptors ?? '$(ulimit -n)'}; exec "$@"`;
    const program = Program.start('/bin/sh', ['-c', limit, 'sh', ...command], {
      deadlineMs: LIFETIME_MS,
    });
    try {
      const [, port = ''] = await program.says(/127\.0\.0\.1:(\d+)/);
      const target = new Target(program, Number(port), await RawPeer.connect(Number(port)));
      target.bystander.ended.catch(() => {}); // it is asked, and says so then
      for (let i = 0; i < WARM_UP_REQUESTS; i++) await target.ask(target.bystander);
      await target.expectNewcomerServed();
      await target.remember();
      return target;
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.program.pid;
  }

  /** What it was like before anything happened. */
  get atRest(): AtRest {
    if (this.#atRest === undefined) throw new Error('tell how the server was: it has just started');
    return this.#atRest;
  }

  /** Takes what the server is like now as what it is like at rest. */
  async remember(): Promise<void> {
    this.#atRest = {
      ...(await this.memory()),
      descriptors: descriptorsOf(this.pid),
      resident: residentBytes(this.pid),
    };
  }

  /** A request on `peer`, which must be answered promptly. */
  async ask(peer: RawPeer): Promise<void> {
    peer.send(REQUEST);
    const answer = await within(peer.json(), {
      ms: ANSWER_DEADLINE_MS,
      what: peer === this.bystander ? 'an answer to the bystander' : 'an answer',
    });
    assert.deepEqual(answer, ANSWER);
  }

  /** Who was connected before is served. */
  async expectBystanderServed(): Promise<void> {
    await this.ask(this.bystander);
  }

  /** Who comes now is served, and let go. `localAddress` is where it comes from. */
  async expectNewcomerServed(localAddress = '127.0.0.1'): Promise<void> {
    const newcomer = await within(RawPeer.connect(this.port, { localAddress }), {
      ms: ANSWER_DEADLINE_MS,
      what: 'a new connection',
    });
    await this.ask(newcomer);
    newcomer.socket.end();
    await within(newcomer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of a connection' });
  }

  /** The server's log has a line like this. */
  async expectLogged(pattern: RegExp): Promise<void> {
    await within(this.program.says(pattern), {
      ms: ANSWER_DEADLINE_MS,
      what: `a line of the log like ${pattern}`,
    });
  }

  /** While `attack` is under way, one after the other is served. Settles as `attack` does. */
  async expectOthersServedDuring(attack: Promise<void>): Promise<void> {
    const state = { over: false };
    const watched = attack.finally(() => {
      state.over = true;
    });
    watched.catch(() => {}); // it is awaited below
    while (!state.over) {
      await this.expectBystanderServed();
      await this.expectNewcomerServed();
      // They are there to be served, not to attack.
      await new Promise((resolve) => setTimeout(resolve, BYSTANDER_PAUSE_MS));
    }
    await watched;
  }

  /** The memory in use once garbage is collected. */
  async memory(): Promise<MemoryInUse> {
    this.#memoryReports += 1;
    this.program.signal('SIGUSR2');
    const report = new RegExp(`^memory ${this.#memoryReports} (.*)$`, 'm');
    const [, facts = ''] = await within(this.program.complains(report), {
      ms: ANSWER_DEADLINE_MS,
      what: "the server's report of its memory",
    });
    return JSON.parse(facts) as MemoryInUse; // which is what `under-test.mjs` wrote
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bystander.close();
    await this.program[Symbol.asyncDispose]();
  }
}
