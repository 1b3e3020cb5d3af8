/**
 * The command line of `npm run fuzz`.
 */
import { parseArgs } from 'node:util';

/** What `--help` prints. */
export const HELP = `Usage: npm run fuzz -- [options]

Feeds the message protocol, and framings of all kinds, with broken frames, until enough of them have done no harm.

  --inputs <n>       stop after so many inputs (default: 1000000)
  --time <seconds>   stop after so long, if that is earlier
  --seed <n>         begin with this seed; the same one gives the same inputs
  --property <name>  only this property: streams, messages or framings
  --path <path>      only the run at this path, with --seed and --property
  --json             print the result as one JSON object
  --help             print this

Exit code: 0 nothing found, 1 a counter-example, 2 a wrong option, 130 interrupted.
`;

const DEFAULT_INPUTS = 1_000_000;
/** fast-check's seeds have 32 bits, of which one is a sign. */
const LARGEST_SEED = 2 ** 31 - 1;

/** What the command line asks for. */
export interface FuzzOptions {
  readonly inputs: number;
  /** In seconds; Infinity unless told. */
  readonly time: number;
  /** Undefined unless told: then one is drawn. */
  readonly seed: number | undefined;
  readonly property: string | undefined;
  readonly path: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** A command line that says what cannot be done. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the arguments behind the name of the program.
 *
 * @param properties the names that `--property` may have
 * @throws UsageError
 */
export function readOptions(args: readonly string[], properties: readonly string[]): FuzzOptions {
  const values = parse(args);
  const { property, path } = values;
  if (property !== undefined && !properties.includes(property)) {
    throw new UsageError(`--property ${property}: choose ${listOf(properties)}`);
  }
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) {
    throw new UsageError(`--path ${path}: pass numbers with colons between them, as in 12:0:3`);
  }
  if (path !== undefined && (values.seed === undefined || property === undefined)) {
    throw new UsageError('--path needs --seed and --property: it is a way through their runs');
  }
  return {
    inputs: wholeNumber('inputs', values.inputs, { least: 1 }) ?? DEFAULT_INPUTS,
    seed: wholeNumber('seed', values.seed, { most: LARGEST_SEED }),
    time: seconds(values.time),
    property,
    path,
    json: values.json === true,
    help: values.help === true,
  };
}

/** `one, two or three`. */
function listOf(names: readonly string[]): string {
  const [last = '', ...others] = names.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`;
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        inputs: { type: 'string' },
        time: { type: 'string' },
        seed: { type: 'string' },
        property: { type: 'string' },
        path: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (cause) {
    // The first sentence says what is wrong, the others explain dashes.
    const [problem = ''] = String(cause instanceof Error ? cause.message : cause).split(
      /\.? *\n|\. /,
    );
    throw new UsageError(`${problem}; --help shows the options`, { cause });
  }
}

function wholeNumber(
  option: string,
  text: string | undefined,
  {
    least = 0,
    most = Number.MAX_SAFE_INTEGER,
  }: { readonly least?: number; readonly most?: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${option} ${text}: pass a whole number in ${least}..${most}`);
}

function seconds(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const value = Number(text);
  if (/^[\d.]+$/.test(text) && value > 0) return value;
  throw new UsageError(`--time ${text}: pass seconds, more than 0`);
}
