/** @typedef {import('vitest/node').TestModule} TestModule */
/** @typedef {import('vitest/node').TestCase} TestCase */
/** @typedef {import('vitest/node').TestSuite} TestSuite */
/** @typedef {{ message?: string, stack?: string, diff?: string }} Fault */

/**
 * @typedef {{ type: 'begin' | 'end', name: string }
 *   | { type: 'passed' | 'skipped' }
 *   | { type: 'failed', name: string, why: string }
 *   | { type: 'file', name: string, ms: number, tests: number }} TestEvent
 */

/** Tells the process that started vitest what happens, as it happens. */
export default class TestReporter {
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
    else tell({ type: state === 'passed' ? 'passed' : 'skipped' });
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
    this.#faults('outside of the tests', errors);
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
