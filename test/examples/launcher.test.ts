/** `npm run example`: the list, the names, and how a run ends. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { run } from './example.ts';

const NAMES = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

/** What each says that it is called with. */
const USAGE = {
  'echo-client': 'HOST PORT [TEXT]',
  'echo-server': '[HOST] [PORT]',
  'fd-passing': '',
  'fetch-rtt': '[URL]',
  'half-close': '',
  'multiconn-client': 'HOST PORT [N]',
  'multiconn-server': '[HOST] [PORT]',
  'never-reads': '',
  'process-server': '[HOST] [PORT] [PROCESSES]',
  'reverse-server': '[HOST] [PORT]',
  'select-server': '[HOST] [PORT] [SECONDS]',
  'tcp-info': '[HOST PORT]',
  'threaded-server': '[HOST] [PORT] [THREADS]',
  'two-devices': '',
  'udp-echo': 'HOST PORT [WORD...]',
  'unix-echo': 'PATH [TEXT]',
};

/** The launcher without a name. */
async function launch(...args: readonly string[]) {
  await using program = Program.run(process.execPath, 'scripts/example.mjs', ...args);
  return await program.exited();
}

describe('the list', () => {
  test.each([[[]], [['--help']], [['-h']]])('with %j there is a line for each', async (args) => {
    const { code, stdout, stderr } = await launch(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n').filter((line) => line.startsWith('  '));
    expect(lines).toHaveLength(NAMES.length);
    for (const name of NAMES) {
      const line = lines.find((each) => each.startsWith(`  ${name} `)) ?? '';
      // A sentence, of a length that a terminal has room for.
      expect(line).toMatch(/ {2}[A-Z].{20,}\.$/);
      expect(line.length).toBeLessThanOrEqual(105);
    }
  });

  test.each(NAMES)('%s --help shows its head, with the command to try', async (name) => {
    const { code, stdout } = await run(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`\n  npm run example -- ${name}`);
    expect(stdout).not.toMatch(/\*|import/);
  });
});

describe('a name that is none', () => {
  test.each([
    ['ecoh-server', 'did you mean echo-server?'],
    ['multiconn', 'did you mean multiconn-client or multiconn-server?'],
    ['tcpinfo', 'did you mean tcp-info?'],
    ['half_closed', 'did you mean half-close?'],
    ['../scripts/setup', '`npm run example` lists them all'],
    ['', 'did you mean'],
  ])('%j', async (name, hint) => {
    const { code, stdout, stderr } = await launch(name);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^example .*: there is none of that name; .*\n$/);
    expect(stderr).toContain(hint);
  });
});

describe('wrong usage: a line, and exit code 2', () => {
  test.each([
    ['echo-client', []],
    ['echo-client', ['127.0.0.1']],
    ['echo-client', ['127.0.0.1', '0']],
    ['echo-client', ['127.0.0.1', 'http']],
    ['echo-server', ['127.0.0.1', '65536']],
    ['echo-server', ['127.0.0.1', '-1']],
    ['echo-server', ['127.0.0.1', '0', 'more']],
    ['fd-passing', ['more']],
    ['fetch-rtt', ['localhost']],
    ['fetch-rtt', ['http://localhost/', 'more']],
    ['half-close', ['more']],
    ['multiconn-client', []],
    ['multiconn-client', ['127.0.0.1']],
    ['multiconn-client', ['127.0.0.1', '0']],
    ['multiconn-client', ['127.0.0.1', '1', '0']],
    ['multiconn-client', ['127.0.0.1', '1', 'ten']],
    ['multiconn-client', ['127.0.0.1', '1', '1.5']],
    ['multiconn-client', ['127.0.0.1', '1', '1', 'more']],
    ['multiconn-server', ['127.0.0.1', '65536']],
    ['multiconn-server', ['127.0.0.1', '0', 'more']],
    ['never-reads', ['more']],
    ['process-server', ['127.0.0.1', 'http']],
    ['process-server', ['127.0.0.1', '0', '0']],
    ['process-server', ['127.0.0.1', '0', '1', 'more']],
    ['reverse-server', ['127.0.0.1', 'http']],
    ['reverse-server', ['127.0.0.1', '0', 'more']],
    ['select-server', ['127.0.0.1', 'http']],
    ['select-server', ['127.0.0.1', '0', '0']],
    ['select-server', ['127.0.0.1', '0', '1', 'more']],
    ['tcp-info', ['127.0.0.1']],
    ['tcp-info', ['127.0.0.1', '0']],
    ['tcp-info', ['127.0.0.1', '1', 'more']],
    ['threaded-server', ['127.0.0.1', 'http']],
    ['threaded-server', ['127.0.0.1', '0', 'many']],
    ['threaded-server', ['127.0.0.1', '0', '1', 'more']],
    ['two-devices', ['more']],
    ['udp-echo', []],
    ['udp-echo', ['127.0.0.1']],
    ['udp-echo', ['127.0.0.1', '65536']],
    ['udp-echo', ['127.0.0.1', '0', 'word']],
    ['unix-echo', []],
  ] as const)('%s %j', async (name, args) => {
    const { code, stdout, stderr } = await run(name, ...args);
    const usage = `usage: npm run example -- ${name} ${USAGE[name]}`.trim();
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${usage}\n` });
  });
});

test.each(['echo-server', 'process-server', 'reverse-server', 'select-server', 'threaded-server'])(
  'Ctrl-C in a terminal ends npm run example -- %s with exit code 0',
  async (name) => {
    const command = ['npm', '--silent', 'run', 'example', '--', name, '127.0.0.1', '0'];
    await using terminal = Program.run('python3', 'test/examples/terminal.py', ...command);
    const { code, stdout, stderr } = await terminal.exited();
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'exit code 0\n' });
    expect(stderr).not.toMatch(/is gone|Error/); // what was seen in the terminal
  },
);

test('a reader that stops reading ends a run without a word', async () => {
  const command = 'node scripts/example.mjs half-close | head -n 1';
  await using shell = Program.run('sh', '-c', command);
  const { stdout, stderr } = await shell.exited();
  expect({ stdout, stderr }).toEqual({ stdout: 'client: sent 19\n', stderr: '' });
});

test('examples import packages as users do, and are short', () => {
  for (const name of NAMES) {
    const source = readFileSync(`examples/${name}.ts`, 'utf8');
    expect(linesOfCode(source), name).toBeLessThanOrEqual(110);
    for (const [, from] of source.matchAll(/ from '([^']+)'/g)) {
      expect(from, name).toMatch(/^(node:[\w/]+|@wireline\/[\w/]+|zod)$/);
    }
  }
});

/** How many lines are neither empty nor a comment. */
function linesOfCode(source: string): number {
  const lines = source.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(\/\/|\/\*|\*)/.test(line)).length;
}
