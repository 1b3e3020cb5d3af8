/** two-devices: where namespaces are to be had, and where they are not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { run } from './example.ts';

const COMMAND = [process.execPath, 'scripts/example.mjs', 'two-devices'];
const IS_ROOT = process.getuid?.() === 0;

/** Why there can be no namespaces here; undefined where there can. */
const whyNot = ((): string | undefined => {
  const rights = IS_ROOT ? [] : ['--user', '--map-root-user'];
  const make = ['ip', 'link', 'add', 'cable', 'type', 'veth'];
  const { status, stderr, error } = spawnSync('unshare', [...rights, '--net', '--mount', ...make], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
})();

const note = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

describe('two-devices', () => {
  test.skipIf(whyNot !== undefined)(`who reaches whom${note}`, async () => {
    const { code, stdout, stderr } = await run('two-devices');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const port = String.raw`\d+`;
    const refused = String.raw`connect 192\.0\.2\.1:${port}: refused: .*\(ECONNREFUSED\)`;
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        `^a server on the first device, bound to '${hostname()}': 127\\.0\\.1\\.1:${port}$`,
      ),
      expect.stringMatching(`^from the first device: connected to 127\\.0\\.1\\.1:${port}$`),
      expect.stringMatching(`^from the second device: ${refused}$`),
      expect.stringMatching(`^a server on the first device, bound to '': 0\\.0\\.0\\.0:${port}$`),
      expect.stringMatching(`^from the first device: connected to 127\\.0\\.1\\.1:${port}$`),
      expect.stringMatching(`^from the second device: connected to 192\\.0\\.2\\.1:${port}$`),
      expect.stringMatching(
        /^from the second device: connect 198\.51\.100\.1:80: .*\(ENETUNREACH\)$/,
      ),
    ]);
    expect(stderr).toMatch(
      new RegExp(`WIRELINE_LOOPBACK_NAME.*bind ${hostname()}: the name stands for 127\\.0\\.1\\.1`),
    );
  });

  test.skipIf(whyNot !== undefined).each(['SIGINT', 'SIGKILL'] as const)(
    `%s in the middle leaves nothing behind${note}`,
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'wireline-'));
      await using program = Program.run('env', `TMPDIR=${folder}`, ...COMMAND);
      await program.says(/a server on the first device/);
      program.signal(signal);
      await program.exited(); // nobody has its standard output open any more, no device either
      expect(readdirSync(folder)).toEqual([]);
      rmSync(folder, { recursive: true });
    },
  );

  test('without the tools it says so in a line', async () => {
    await using program = Program.run('env', 'PATH=/nowhere', ...COMMAND);
    const { code, stdout, stderr } = await program.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^make two devices: .*unshare ENOENT; --help says what that needs\n$/);
  });

  // Whoever is root needs capabilities all the same, as in many containers.
  const bare = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-all'];
  const isBareHere = IS_ROOT && spawnSync(bare[0] ?? '', [...bare.slice(1), 'true']).status === 0;
  const bareNote = isBareHere ? '' : ' (skipped: it takes root to give capabilities up)';
  test.skipIf(!isBareHere)(`without permission it says so in a line${bareNote}`, async () => {
    await using program = Program.run('env', ...bare, ...COMMAND);
    const { code, stdout, stderr } = await program.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^make two devices: .* not permitted; --help says what that needs\n$/);
  });
});
