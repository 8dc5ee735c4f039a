import { loadExamples } from '../examples.mjs';
import { PATIENCE_MS } from '../patience.mjs';
import { findShiftExample, onShiftReport, shiftOf, workingAt } from './example.mjs';
import { judgeShift } from './judge.mjs';
import { eventsOf, recordsOf, startShiftSandbox } from './server.mjs';

/** @typedef {import('../examples.mjs').FlowNode} FlowNode */
/** @typedef {import('../node-red.mjs').NodeRed} NodeRed */
/** @typedef {import('./types.mjs').EventReport} EventReport */

/**
 * Plays a shift with the nodes of the example at a sandbox in a process of its own.
 * @param {(flows: readonly FlowNode[]) => Promise<NodeRed>} start
 * @param {{ shift?: string, env?: NodeJS.ProcessEnv }} [options] shift: such as `shift-1-200`;
 *   default: the one of the example. env: added to the environment of the sandbox
 */
export async function playShift(start, { shift, env } = {}) {
  const sandbox = await startShiftSandbox(env);
  try {
    const example = workingAt(findShiftExample(loadExamples()), sandbox.url, shift);
    const nodeRed = await start(example.nodes);
    try {
      const reports = await reportsOf(nodeRed, example);
      return { reports, ...(await judgeAt(sandbox.url, example, reports)) };
    } finally {
      await nodeRed.close();
    }
  } finally {
    await sandbox.close();
  }
}

/**
 * Judges what the example reported by what the sandbox remembers.
 * @param {string} url of the sandbox
 * @param {import('../examples.mjs').Example} example
 * @param {readonly EventReport[]} reports
 */
export async function judgeAt(url, example, reports) {
  const events = await eventsOf(url, shiftOf(example));
  return { events, verdict: judgeShift({ events, reports, orders: await recordsOf(url) }) };
}

/**
 * @param {NodeRed} nodeRed
 * @param {import('../examples.mjs').Example} example
 * @returns {Promise<EventReport[]>}
 */
function reportsOf(nodeRed, example) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unwatch();
      const logged = nodeRed.logs.map(({ message }) => message).join('\n');
      reject(new Error(`No report of the shift within ${PATIENCE_MS / 1000} s\n${logged}`));
    }, PATIENCE_MS);
    const unwatch = onShiftReport(nodeRed, example, reports => {
      clearTimeout(timer);
      unwatch();
      resolve(reports);
    });
  });
}
