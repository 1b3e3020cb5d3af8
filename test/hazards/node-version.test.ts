/**
 * Hazards of several versions of Node: that a suite runs on another one than it is said to.
 *
 * `scripts/node-versions.mjs` says in `WIRELINE_EXPECT_NODE` which major version it means. Without that, one
 * version runs everything all the same.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

const EXPECTED = process.env['WIRELINE_EXPECT_NODE'] ?? major(process.versions.node);

/** `24` of `v24.1.0`. */
function major(version: string): string | undefined {
  return /\d+/.exec(version)?.[0];
}

test('the tests run on it', () => {
  expect(major(process.versions.node)).toBe(EXPECTED);
});

test('and so do the programs of these tests', async () => {
  expect(major(String(await reportOf('version')))).toBe(EXPECTED);
});

test.skipIf(process.env['WIRELINE_EXPECT_NODE'] === undefined)(
  'and what asks for `node`, as npm does (only a run on several versions puts it into the PATH)',
  () => {
    expect(major(execFileSync('node', ['--version'], { encoding: 'utf8' }))).toBe(EXPECTED);
  },
);
