import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** What `process` says of the machine, put back after each test. */
const machine = { platform: process.platform, arch: process.arch };

beforeEach(() => {
  // The library is opened once per module: each test gets one that has not been opened.
  vi.resetModules();
});

afterEach(() => {
  for (const [name, value] of Object.entries(machine))
    Object.defineProperty(process, name, { value });
  vi.doUnmock('node:module');
});

test.each([
  { platform: 'darwin', arch: 'arm64' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'linux', arch: 'riscv64' },
])(
  '$platform $arch: everything can be imported, the first socket says what is missing',
  async (other) => {
    for (const [name, value] of Object.entries(other))
      Object.defineProperty(process, name, { value });
    const { Socket } = await import('../index.ts');
    const { currentEventLoop } = await import('../event-loop/index.ts');
    for (const open of [() => new Socket(), () => currentEventLoop()]) {
      expect(open).toThrow(
        expect.objectContaining({
          name: 'UnsupportedPlatformError',
          code: 'unsupported-platform',
          message: expect.stringContaining(`${other.platform} ${other.arch}`),
        }),
      );
    }
  },
);

test('the binary of koffi is not installed: the error says how it comes to be', async () => {
  const missing = new Error('Cannot find the native Koffi module');
  vi.doMock('node:module', () => ({
    createRequire: (from: string) => (name: string) => {
      if (name === 'koffi') throw missing;
      return createRequire(from)(name) as unknown;
    },
  }));
  const { Socket } = await import('../index.ts');
  expect(() => new Socket()).toThrow(
    expect.objectContaining({
      name: 'UnsupportedPlatformError',
      message: expect.stringContaining('--omit=optional'),
      cause: missing,
    }),
  );
});
