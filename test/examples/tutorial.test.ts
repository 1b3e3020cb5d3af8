/** `docs/tutorial.md` followed to the letter: its files compile, its commands print what it shows. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Program } from '../support/program.ts';
import { freePort } from './example.ts';
import { PageFolder, stepsOf, type Step } from './page-folder.ts';

const STEPS = stepsOf(readFileSync('docs/tutorial.md', 'utf8'));

/** The one command that does not end by itself. */
const SERVING = 'node dist/server.js';

/** From there on the page builds nothing by hand. */
const WATCHING = 'npx tsc --watch';

/** Everything that this repository asks of its own files, and that the page does not. */
const STRICTER =
  'npx tsc --noEmit --noImplicitOverride --noImplicitReturns --noFallthroughCasesInSwitch ' +
  '--noPropertyAccessFromIndexSignature --noUnusedLocals --noUnusedParameters ' +
  '--verbatimModuleSyntax --isolatedModules --erasableSyntaxOnly';

/** Ctrl-C, which the page says ends it with exit code 0. */
async function interrupt(server: Program | undefined): Promise<void> {
  if (server === undefined) return;
  server.signal('SIGINT');
  expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
}

async function writeFiles(folder: PageFolder, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'file') await folder.write(step.name, step.text);
  }
}

/** What npm says of the machine's settings is not on the page. */
function withoutNpm(text: string): string {
  return text.replace(/^npm (warn|notice).*\n/gm, '');
}

test('the page has files and commands', () => {
  const files = STEPS.flatMap((step) => (step.kind === 'file' ? [step.name] : []));
  expect(new Set(files).size).toBeGreaterThan(9);
  expect(STEPS.length).toBeGreaterThan(30);
});

test('whoever follows it sees what it shows', async () => {
  await using folder = await PageFolder.create(await freePort());
  let server: Program | undefined;
  onTestFinished(() => server?.[Symbol.asyncDispose]());
  for (const [index, step] of STEPS.entries()) {
    if (step.kind === 'file') {
      await folder.write(step.name, step.text);
    } else if (step.command === WATCHING) {
      // What the compiler will build when it is saved is saved now, and built once.
      await writeFiles(folder, STEPS.slice(index));
      expect(await folder.run('npx tsc')).toMatchObject({ code: 0, stdout: '' });
    } else if (step.command === SERVING) {
      await interrupt(server);
      server = folder.start(step.command);
      const shown = folder.here(step.printed ?? '');
      const [said] = await server.says(/^.*\n/);
      expect(said).toBe(shown);
    } else {
      const { code, stdout, stderr } = await folder.run(step.command);
      expect(code, `${step.command}\n${stdout}${stderr}`).toBe(0);
      if (step.printed !== undefined) {
        expect(stdout + withoutNpm(stderr), step.command).toBe(folder.here(step.printed));
      }
      if (step.command.startsWith('node --test')) expect(stdout).toMatch(/\bpass 1\n/);
    }
  }
  await interrupt(server);
  expect(await folder.run(STRICTER)).toMatchObject({ code: 0, stdout: '' });
}, 120_000);
