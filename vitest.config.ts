import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Tests run the sources, not the build: each package exports its TypeScript under this condition.
const conditions = ['wireline-source', ...defaultServerConditions];

// What colours the report of the tests would colour what the programs under trial print into pipes.
delete process.env['FORCE_COLOR'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'protocol/conformance/src/**/*.test.ts',
    ],
    pool: 'forks',
    maxWorkers: '100%', // half of the tests wait for programs
    testTimeout: 20_000,
  },
});
