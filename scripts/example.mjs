/**
 * `npm run example`: runs the programs of `examples/`, as they are built.
 *
 *     npm run example                     lists them
 *     npm run example -- NAME ARGS...     runs one
 *     npm run example -- NAME --help      shows its head: the commands to try, and what is to be seen
 *
 * Rules: what an example is about is the first sentence of the comment at the head of its file. It runs in this
 * process: the terminal, Ctrl-C and the exit code are its own. A name that is none is wrong usage: exit code 2.
 * Whoever reads the output may stop reading, as `head` does: that ends the run without a word.
 *
 * The script in package.json says `exec`: a shell that waits in between would die of Ctrl-C itself, whatever the
 * exit code of the example. npm passes on what the terminal has said already, so that Ctrl-C comes twice.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles, ROOT } from './workspace.mjs';

/** How many letters a name may be wrong by, so that it is still taken for a slip. */
const SLIP = 3;

process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

// The second Ctrl-C may come while Node puts away its things, the handlers of signals too, and would end it with
// another exit code. This way it puts nothing away.
process.once('beforeExit', () => process.exit());

const [name, ...args] = process.argv.slice(2);
const names = listFiles(ROOT, 'examples', (file) => file.endsWith('.ts')).map((file) =>
  file.slice('examples/'.length, -'.ts'.length),
);

if (name === undefined || name === '--help' || name === '-h') {
  list();
} else if (!names.includes(name)) {
  const near = nearest(name);
  const hint =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`npm run example` lists them all';
  console.error(`example ${name}: there is none of that name; ${hint}`);
  process.exitCode = 2;
} else if (args[0] === '--help' || args[0] === '-h') {
  console.log(head(name));
} else {
  // The example finds its arguments where it would if it had been started alone.
  const program = join(ROOT, '.cache', 'examples', `${name}.js`);
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
}

function list() {
  const width = Math.max(...names.map((each) => each.length));
  console.log('Usage: npm run example -- NAME ARGS...\n');
  for (const each of names) {
    const [sentence = ''] = /^.*?[.](?=\s|$)/.exec(head(each).replace(/\s+/g, ' ')) ?? [];
    console.log(`  ${each.padEnd(width)}  ${sentence}`);
  }
  console.log('\nWith --help behind its name, an example says what to try and what is to be seen.');
}

/**
 * The comment at the head of an example, without its stars.
 *
 * @param {string} example
 */
function head(example) {
  const source = readFileSync(join(ROOT, 'examples', `${example}.ts`), 'utf8');
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(source) ?? [];
  return comment.replace(/^ \* ?/gm, '').trim();
}

/**
 * The names that somebody may have meant: those that `wanted` is a part of, otherwise the closest ones.
 *
 * @param {string} wanted
 */
function nearest(wanted) {
  const containing = names.filter((each) => each.includes(wanted));
  if (containing.length > 0) return containing;
  const distances = names.map((each) => distance(wanted, each));
  const least = Math.min(...distances, SLIP);
  return names.filter((_, index) => distances[index] === least);
}

/**
 * How many letters have to be put in, left out or changed to get from one word to the other (Levenshtein).
 *
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const letter of from) {
    const above = row;
    row = [(above[0] ?? 0) + 1];
    for (let at = 1; at <= to.length; at++) {
      const changed = (above[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[at] ?? 0) + 1, (row[at - 1] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
