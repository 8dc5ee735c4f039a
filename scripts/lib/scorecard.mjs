import { existsSync, rmSync } from 'node:fs';
import { npm } from './exec.mjs';
import { inRoot, readJson } from './root.mjs';

/** The tool with which the Flow Library makes the scorecard of a package. */
const TOOL = 'node-red-dev@0.1.6';

/**
 * What it warns of and is meant so, by the names that it gives its checks.
 * @type {Record<string, string>}
 */
const MEANT = {
  D03: 'undici stays on 7, the last line that runs on Node.js 20 and 22.9',
};

/**
 * @typedef {{ kind: 'made', failed: string[], meant: string[] } | { kind: 'unasked', why: string }} Scorecard
 */

/**
 * Makes the scorecard of this package; the catalogue of the Flow Library and the registry are asked.
 * @param {string} dir where the tool writes it
 * @returns {Promise<Scorecard>}
 */
export async function makeScorecard(dir) {
  const file = `${dir}/scorecard.json`;
  rmSync(file, { force: true });
  const { output } = await npm([
    ...['exec', '--yes', `--package=${TOOL}`, '--'],
    ...['node-red-dev', 'validate', '--path', inRoot(), '--output', file, '--embed', 'true'],
  ]);
  // It ends well whatever it finds, and in the middle where nobody can be asked.
  if (existsSync(file)) return readScorecard(readJson(file));
  return { kind: 'unasked', why: whyUnasked(output) };
}

/** What the tool says of it, which names whom it asked, before the bare code of the error. @param {string} output */
export function whyUnasked(output) {
  const lines = output
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  return lines.findLast(line => line.startsWith('Error:')) ?? lines.at(-1) ?? '';
}

/** @param {Record<string, { test?: boolean }>} card by the names of the checks @returns {Scorecard} */
export function readScorecard(card) {
  const failed = Object.keys(card).filter(name => card[name]?.test === false);
  return {
    kind: 'made',
    failed: failed.filter(name => !(name in MEANT)),
    meant: failed.filter(name => name in MEANT).map(name => `${name}: ${MEANT[name]}`),
  };
}

/** @param {Scorecard} card */
export function scorecardInWords(card) {
  if (card.kind === 'unasked') return [`scorecard: NOT MADE. Nobody could be asked: ${card.why}`];
  const meant = card.meant.map(line => `  meant so: ${line}`);
  return card.failed.length === 0
    ? ['scorecard: every check of the Flow Library passes', ...meant]
    : [`scorecard: FAILED ${card.failed.join(', ')}`, ...meant];
}
