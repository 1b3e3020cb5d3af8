/** `docs/guide.md` leads to every example, types only what there is, and shows what is really printed. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { run, start } from './example.ts';

const GUIDE = readFileSync('docs/guide.md', 'utf8');

const EXAMPLES = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

/** What is typed and printed in the terminals of a text. */
function consolesOf(text: string): string[] {
  return Array.from(text.matchAll(/^```console\n(.*?)^```$/gms), ([, lines = '']) => lines);
}

const CONSOLES = consolesOf(GUIDE);

/** Those that end by themselves and print the same everywhere, but for the numbers that the kernel chooses. */
const REPEATABLE = [
  'blocking-modes',
  'byte-order',
  'deadline-and-cancel',
  'errors-by-name',
  'fd-passing',
  'half-close',
  'hello',
  'options',
  'pieces',
  'reconnecting-client',
  'rough-network',
  'socket-file',
  'streamed-answer',
  'typed-service',
  'upload',
];

/** All that stands behind `words` in the guide, up to the next space or mark. */
function namedBehind(words: string): string[] {
  const names = Array.from(
    GUIDE.matchAll(new RegExp(`${words} ([a-z][\\w-]*)`, 'g')),
    ([, name]) => name,
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** What the guide says that `command` prints: the lines behind it, up to the next one. */
function printedBy(command: string): string | undefined {
  for (const text of CONSOLES) {
    const lines = text.split('\n');
    const at = lines.indexOf(`$ ${command}`);
    if (at === -1) continue;
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((line) => line.startsWith('$ '));
    return (end === -1 ? rest : rest.slice(0, end)).join('\n').trimEnd();
  }
  return undefined;
}

/** A server that a lesson starts, and what is typed in other terminals meanwhile. */
interface Conversation {
  readonly name: string;
  /** All that the server prints. */
  readonly heard: string;
  readonly typed: { readonly command: string; readonly printed: string }[];
}

/** Where the guide's servers listen. A test takes a free port in its place. */
const PLACE = /127\.0\.0\.1 65432/;

/** The conversations of a lesson: a terminal in which an example serves, and those up to the next one. */
function conversationsOf(lesson: string): Conversation[] {
  const [, text = ''] = GUIDE.split(`\n## ${lesson}\n`);
  const conversations: Conversation[] = [];
  for (const terminal of consolesOf(text.split('\n## ', 1)[0] ?? '')) {
    const steps = Array.from(terminal.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm), (step) => {
      const [, command = '', printed = ''] = step;
      return { command, printed };
    });
    const serving = /^npm run example -- ([\w-]+) 127\.0\.0\.1 65432$/.exec(
      steps[0]?.command ?? '',
    );
    if (serving === null) conversations.at(-1)?.typed.push(...steps);
    else conversations.push({ name: serving[1] ?? '', heard: steps[0]?.printed ?? '', typed: [] });
  }
  return conversations;
}

/** Runs what is typed in a shell, and returns all that is seen then. */
async function type(command: string, port: number): Promise<string> {
  const line = command
    .replace(PLACE, `127.0.0.1 ${port}`)
    .replace('npm run example --', 'node scripts/example.mjs')
    .replace('npx wireline', 'node packages/cli/bin/wireline.js');
  await using shell = Program.run('bash', '-c', line);
  const { stdout, stderr } = await shell.exited();
  return stdout + stderr;
}

/** Ports, descriptors and processes are others each time. */
function withoutNumbers(text: string): string {
  return text
    .replace(/(127\.0\.0\.1):\d+/g, '$1:PORT')
    .replace(/\((pid) \d+\)/g, '($1)')
    .replace(/(Socket|file) \d+/g, '$1 FD')
    .replace(/\d+( descriptors were open before, )\d+/, 'N$1N');
}

test('every example is in it, and is typed', () => {
  const typed = new Set(namedBehind('npm run example --'));
  expect(EXAMPLES.filter((name) => !typed.has(name))).toEqual([]);
  expect(EXAMPLES.filter((name) => !GUIDE.includes(`(../examples/${name}.ts)`))).toEqual([]);
});

test('every example that it types exists', () => {
  const names = namedBehind('npm run example --');
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !EXAMPLES.includes(name))).toEqual([]);
});

test('every command that it types is one of wireline', async () => {
  await using program = Program.wireline('--help');
  const { stdout } = await program.exited();
  const listed = stdout.matchAll(/^ {2}([a-z][\w-]*) /gm);
  const commands = new Set(Array.from(listed, ([, name]) => name));
  const names = namedBehind('npx wireline');
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !commands.has(name))).toEqual([]);
});

test('the table at the top leads to all lessons, in their order', () => {
  const [table = ''] = GUIDE.split('\n## ', 1);
  const titles = Array.from(table.matchAll(/^\| \[(.*?)\]\(#/gm), ([, title]) => title);
  const lessons = Array.from(GUIDE.matchAll(/^## (.*)$/gm), ([, title]) => title);
  expect(titles).toEqual(lessons);
});

describe('what it shows is what is printed', () => {
  test.each(REPEATABLE)('%s', async (name) => {
    const shown = printedBy(`npm run example -- ${name}`);
    expect(shown).toBeDefined();
    const { code, stdout } = await run(name);
    expect(code).toBe(0);
    expect(withoutNumbers(stdout.trimEnd())).toBe(withoutNumbers(shown ?? ''));
  });
});

describe('what the conversations about framing print', () => {
  const conversations = conversationsOf('Where a message ends');

  test('there are some', () => {
    const names = EXAMPLES.filter((name) => name.startsWith('framing-'));
    expect(conversations.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  test.each(conversations)('$name', async ({ name, heard, typed }) => {
    await using server = start(name, '127.0.0.1', '0');
    const port = await server.port();
    for (const { command, printed } of typed) {
      expect(command).toMatch(PLACE);
      const seen = (await type(command, port)).trimEnd();
      expect(withoutNumbers(seen)).toBe(withoutNumbers(printed.trimEnd()));
    }
    // One client is served beside the other: whose line comes first is not said.
    const lines = (text: string): string[] => withoutNumbers(text).trimEnd().split('\n').toSorted();
    const count = lines(heard).length;
    await server.says(new RegExp(`^(.*\n){${count}}`));
    expect(lines(server.output.stdout)).toEqual(lines(heard));
  });
});
