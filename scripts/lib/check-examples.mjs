import { importTypeScript } from './compile.mjs';
import { loadExamples, patient } from './examples.mjs';
import { openPlayground } from './playground.mjs';
import { runExamples, summaryLine } from './run-examples.mjs';

/** Plays the shift change of the examples, and judges it. */
const SHIFT_CHANGE = 'test/shift-change/play.ts';

/**
 * The examples run on the Practice API, but for the one that is judged by what a server remembers.
 * @param {string} userDir where the package is installed
 * @returns {Promise<boolean>} every example showed what is expected of it, and the judge agrees
 */
export async function checkExamples(userDir) {
  /** @type {typeof import('../../test/shift-change/play.js')} */
  const { shiftJudge, shiftWorkingAt, startShiftSandbox } = await importTypeScript(SHIFT_CHANGE);
  const { examples, sandbox, nodeRed } = await openPlayground(userDir, 0, async () => {
    const sandbox = await startShiftSandbox();
    return { examples: [...shiftWorkingAt(patient(loadExamples()), sandbox.url)], sandbox };
  });
  try {
    const judge = shiftJudge(nodeRed, examples, sandbox.url);
    const results = await runExamples(nodeRed, examples);
    for (const result of results) console.log(summaryLine(result));
    const shift = await judge();
    console.log(shift.line);
    return shift.ok && results.every(result => result.ok);
  } finally {
    await nodeRed.close();
    await sandbox.close();
  }
}
