import { defineConfig } from 'vitest/config';

/** Tests of the package as users get it: packed and installed, and in the editor. */
const PACKAGE_TESTS = ['test/package/installed/**/*.test.ts', 'test/browser/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: { name: 'code', include: ['test/**/*.test.ts'], exclude: PACKAGE_TESTS },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: PACKAGE_TESTS,
          // Builds, packs and installs the package once for all of these.
          globalSetup: ['test/support/installed-package.ts', 'test/browser/support/chromium.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // These wait for other processes most of the time. They run after the others, for tests
          // that share the machine with a browser take their time.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
