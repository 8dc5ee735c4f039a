import { availableParallelism } from 'node:os';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { PATIENCE_MS } from './scripts/lib/patience.mjs';

/** The package as users get it: packed and installed. */
const PACKAGE = ['test/package/installed/**/*.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];
/**
 * These put something else in the place of a module of Node.js, or own all timers of their process: one that another
 * test has left would run on their clock.
 */
const ALONE = [
  'test/lib/coordination/journal/faults.test.ts',
  'test/lib/coordination/in-process-locks.test.ts',
  'test/lib/coordination/mutual-exclusion.test.ts',
  'test/lib/retry/time.test.ts',
  'test/plugins/broadcast.test.ts',
  'test/sandbox/terminals.test.ts',
  'test/scripts/watch-runs.test.ts',
];

/** With a program that is not installed here (`npm run test:azurite`). */
const EMULATORS = process.env.AZURITE_HOME === undefined ? ['test/emulators/**'] : [];

/** With every language of the package (`npm run test:languages`). */
const EVERY_LANGUAGE = ['test/languages/**/*.test.ts'];
const HAS_EVERY_LANGUAGE = process.env.RECORD_UPDATES_LANGUAGES !== undefined;

/** Whole runs in other processes, which take the longest; the longest first. */
const LONG = [
  'test/bench/',
  'test/package/installed/interrupted',
  'test/package/installed/',
  'test/soak',
  'test/peers/cap-soak',
  'test/peers/cap-bulk',
];

/** Begins with what takes long, so that no worker is left alone with it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex(part => moduleId.includes(part));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** A test that hangs is told apart from a slow machine by this; nothing here takes a tenth of it. */
const HANGS_AFTER_MS = 300_000;

/** As many as cores, though the browser's tests run beside them: many wait for a clock, a child or a server. */
const WORKERS = Math.max(2, availableParallelism());

function browser(name: string, include: string[]): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      globalSetup: ['test/browser/support/one-editor.ts'],
      // All files on one page of one browser, one after the other.
      isolate: false,
      maxWorkers: 1,
      sequence: { groupOrder: 1 },
    },
  };
}

export default defineConfig({
  test: {
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    // By default a poll gives up after a second, which a busy machine may need for one look.
    expect: { poll: { timeout: PATIENCE_MS, interval: 20 } },
    pool: 'forks',
    maxWorkers: WORKERS,
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/support/hang.setup.ts', 'test/support/stalls.setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'code',
          include: ['test/**/*.test.ts'],
          exclude: [...PACKAGE, ...BROWSER, ...EVERY_LANGUAGE, ...ALONE, ...EMULATORS],
          // Modules are loaded once per worker: loading them took as long as the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'package',
          include: PACKAGE,
          isolate: false,
          globalSetup: ['test/support/installed-package.ts'],
        },
      },
      browser('browser', BROWSER),
      ...(HAS_EVERY_LANGUAGE ? [browser('languages', EVERY_LANGUAGE)] : []),
    ],
  },
});
