import { expect, test } from 'vitest';
import { killPrograms, Program } from './program.ts';

/** Runs until it is ended. */
const ENDLESS = [process.execPath, '-e', 'setInterval(() => {}, 1000); console.log("up");'];

test('a program that ends too early is told with its last words', async () => {
  const program = await Program.start('early', [
    process.execPath,
    '-e',
    'console.error("why"); process.exit(3)',
  ]);
  await expect(program.says(/ready/)).rejects.toThrow(
    'early ended with code 3; its last words: why',
  );
  await expect(program.result()).rejects.toThrow('early ended with code 3');
});

test('of a program that does not end its line counts, and it is ended', async () => {
  const program = await Program.start('endless', ENDLESS);
  expect(await program.line()).toBe('up');
  await expect(program.result()).rejects.toThrow('was ended by SIGKILL');
});

test('a program that ends without a line', async () => {
  const program = await Program.start('wordless', [process.execPath, '-e', 'process.exit(3)']);
  await expect(program.line()).rejects.toThrow('wordless ended with code 3');
});

test('a program that there is not cannot be started', async () => {
  await expect(Program.start('nothing', ['./no-such-program'])).rejects.toThrow(
    /^start nothing: .*ENOENT/,
  );
});

// The last test of this file: no program starts afterwards.
test('all programs are ended, and none starts any more', async () => {
  const programs = [await Program.start('one', ENDLESS), await Program.start('two', ENDLESS)];
  await Promise.all(programs.map((program) => program.says(/up/)));
  killPrograms();
  for (const program of programs) {
    await expect(program.result()).rejects.toThrow('was ended by SIGKILL');
  }
  await expect(Program.start('three', ENDLESS)).rejects.toThrow('is being stopped');
});
