/** LoadClient: runs `bench/load/load.c`, whose head says what it does. */
import { compile } from '../compile.ts';
import { pinned, type Processors } from '../processors.ts';
import { Program } from '../program.ts';
import { reasonOf } from '../reason.ts';
import type { LoadScenario } from './scenario.ts';
import type { ServerProcess } from './server-process.ts';

/** What the load client reports: CPU time and duration in seconds, latencies in microseconds. */
export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  readonly user: number;
  readonly system: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How long it waited for its processor, in seconds; other programs had it. */
  readonly waited: number;
}

/** The load client, compiled. */
export class LoadClient {
  readonly #program: string;
  readonly #processor: number | undefined;

  private constructor(program: string, processor: number | undefined) {
    this.#program = program;
    this.#processor = processor;
  }

  /** @throws if it cannot be compiled: without it there is no benchmark */
  static async compile(processors: Processors | undefined): Promise<LoadClient> {
    return new LoadClient(await compile('bench/load/load.c'), processors?.client);
  }

  /** Puts a load on a server. Resolves when all was answered and the server has closed all connections. */
  async run(server: ServerProcess, scenario: LoadScenario, seconds: number): Promise<LoadReport> {
    const { mode, connections, depth } = scenario;
    const program = await this.#start(server, [mode, connections, depth, seconds]);
    try {
      const report = await program.result();
      await server.settle();
      return JSON.parse(report) as LoadReport; // printed by our own program
    } catch (error) {
      // Often the server is to blame, and knows more.
      const words = server.lastWords || 'nothing';
      throw new Error(`${reasonOf(error)}; ${server.name} said: ${words}`, { cause: error });
    }
  }

  /** Opens connections, asks once on each, and holds them. */
  async hold(server: ServerProcess, connections: number): Promise<AsyncDisposable> {
    const program = await this.#start(server, ['idle', connections, 1, 0]);
    await program.says(/\n/);
    return {
      [Symbol.asyncDispose]: async () => {
        program.endInput();
        await program.result();
      },
    };
  }

  async #start(
    server: ServerProcess,
    [mode, connections, depth, seconds]: readonly [string, number, number, number],
  ): Promise<Program> {
    const load = [mode, server.port, connections, depth, seconds].map(String);
    const command = pinned([this.#program, ...load, ...bytesOf(server)], this.#processor);
    return Program.start(`the load on ${server.name}`, command);
  }
}

/** What the load client sends and awaits, as its head describes it. */
function bytesOf({ exchange, expectation }: ServerProcess): readonly string[] {
  const { hello, first, frames } = exchange;
  const { answer, varies = [0, 0], welcome } = expectation;
  const [from, to] = varies;
  const known = [answer.subarray(0, from), answer.subarray(to)].map((part) => part.toString('hex'));
  return [
    exchange.request.toString('hex'),
    known.join('..'.repeat(to - from)),
    ...(hello === undefined ? [] : [`hello=${hello.toString('hex')}`]),
    ...(welcome === undefined ? [] : [`welcome=${welcome.toString('hex')}`]),
    ...(first === undefined ? [] : [`first=${first.toString('hex')}`]),
    ...(frames === undefined ? [] : [`frames=${frames}`]),
  ];
}
