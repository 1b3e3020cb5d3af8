/** The examples, run as they are built. */
import { expect, test } from 'vitest';
import { Program } from '../support/program.ts';

test('hello', async () => {
  await using program = Program.run(process.execPath, '.cache/examples/hello.js');
  expect(await program.exited()).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
});

test('rough-network', async () => {
  await using program = Program.run(process.execPath, '.cache/examples/rough-network.js');
  expect(await program.exited()).toMatchObject({
    code: 0,
    stdout:
      '100 rough networks: every request was answered\na cut answer: asked again over connection #2\n',
    stderr: '',
  });
});
