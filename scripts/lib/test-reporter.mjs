import path from 'node:path';

/** @typedef {import('vitest/node').TestSpecification} TestSpecification */
/** @typedef {import('vitest/node').TestModule} TestModule */
/** @typedef {import('vitest/node').TestCase} TestCase */
/** @typedef {import('vitest/node').TestSuite} TestSuite */
/** @typedef {{ message?: string, stack?: string, diff?: string, VITEST_TEST_PATH?: string }} Fault */

/**
 * @typedef {{ type: 'plan' | 'begin' | 'end' | 'skipped', name: string }
 *   | { type: 'passed' }
 *   | { type: 'failed', name: string, why: string }
 *   | { type: 'file', name: string, ms: number, tests: number }} TestEvent
 */

const OUTSIDE = 'outside of the tests';

/** Tells the process that started vitest what happens, as it happens. */
export default class TestReporter {
  /**
   * All of them: when a worker dies, the files that wait for it are begun by no other.
   * @param {readonly TestSpecification[]} specifications
   */
  onTestRunStart(specifications) {
    for (const { moduleId, project } of specifications) {
      tell({ type: 'plan', name: path.relative(project.config.root, moduleId) });
    }
  }

  /** @param {TestModule} module */
  onTestModuleQueued(module) {
    tell({ type: 'begin', name: module.relativeModuleId });
  }

  /** @param {TestCase} test */
  onTestCaseReady(test) {
    tell({ type: 'begin', name: nameOf(test) });
  }

  /** @param {TestCase} test */
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    tell({ type: 'end', name: nameOf(test) });
    if (state === 'failed') tell({ type: 'failed', name: nameOf(test), why: words(errors) });
    else if (state === 'passed') tell({ type: 'passed' });
    else tell({ type: 'skipped', name: nameOf(test) });
  }

  /** A hook that failed counts, too. @param {TestSuite} suite */
  onTestSuiteResult(suite) {
    this.#faults(`${suite.module.relativeModuleId} > ${suite.fullName}`, suite.errors());
  }

  /** @param {TestModule} module */
  onTestModuleEnd(module) {
    const name = module.relativeModuleId;
    const { collectDuration, setupDuration, duration } = module.diagnostic();
    const tests = [...module.children.allTests()].length;
    tell({ type: 'end', name });
    tell({ type: 'file', name, ms: collectDuration + setupDuration + duration, tests });
    this.#faults(name, module.errors());
  }

  /** @param {unknown} _modules @param {readonly Fault[]} errors outside of the tests */
  onTestRunEnd(_modules, errors) {
    for (const error of errors) {
      const file = error.VITEST_TEST_PATH;
      this.#faults(file ? `${path.relative('', file)}, outside of its tests` : OUTSIDE, [error]);
    }
  }

  /** @param {{ content: string }} log */
  onUserConsoleLog({ content }) {
    process.stdout.write(content);
  }

  /** @param {string} name @param {readonly Fault[]} errors */
  #faults(name, errors) {
    if (errors.length > 0) tell({ type: 'failed', name, why: words(errors) });
  }
}

/** @param {TestEvent} event */
const tell = event => void process.send?.(event);

/** @param {TestCase} test */
const nameOf = test => `${test.module.relativeModuleId} > ${test.fullName}`;

/** @param {readonly Fault[] | undefined} errors */
const words = errors =>
  (errors ?? [])
    .map(({ message = '', stack = '', diff }) => {
      const text = stack.includes(message) ? stack : `${message}\n${stack}`;
      return diff ? `${text}\n${diff}` : text;
    })
    .join('\n');
