// Read by every Node.js that knows modules, however old: it is this file that says so.
import { readFileSync } from 'fs';

/**
 * @param {string} version such as `20.19.0`
 * @param {string} range of package.json: `>=` and a version
 * @returns {string} why this Node.js does not do; empty when it does
 */
export function nodeFault(version, range) {
  const least = range.replace('>=', '');
  if (compare(version, least) >= 0) return '';
  return `Node.js ${version} is too old: Node.js ${least} or newer is needed. Install it from https://nodejs.org, or choose it in your version manager, and try again.`;
}

/** The fault of the Node.js that runs this. */
export function ownNodeFault() {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return nodeFault(process.versions.node, manifest.engines.node);
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  const right = b.split('.').map(Number);
  const differences = a.split('.').map((part, at) => Number(part) - (right[at] || 0));
  return differences.find(difference => difference !== 0) || 0;
}
