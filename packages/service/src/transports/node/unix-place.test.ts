import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { placeAt } from './unix-place.ts';

test('a path is the place that it names', () => {
  expect(placeAt('/run/service.sock').path).toBe('/run/service.sock');
});

test('any place: where there are no abstract names, a file in a folder of its own, which goes with it', () => {
  const place = placeAt('', 'darwin');
  const folder = dirname(place.path);
  onTestFinished(place.remove);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const another = placeAt('', 'darwin');
  another.remove();
  expect(another.path).not.toBe(place.path);
  writeFileSync(place.path, ''); // Node removes it, if it could
  place.remove();
  expect(existsSync(folder)).toBe(false);
});

test('any place on Linux and Windows is a name', () => {
  expect(placeAt('', 'linux').path).toMatch(/^\0wireline-[0-9a-f-]{36}$/);
  expect(placeAt('', 'win32').path).toMatch(/^\\\\\.\\pipe\\wireline-[0-9a-f-]{36}$/);
});

test('a path that is too long for the system', () => {
  const path = `/tmp/${'x'.repeat(103)}`;
  expect(() => placeAt(path)).toThrow(
    `listen unix:${path}: the path has 108 bytes, a Unix socket's has 107 at most`,
  );
  expect(placeAt(path.slice(0, -1)).path).toHaveLength(107);
});
