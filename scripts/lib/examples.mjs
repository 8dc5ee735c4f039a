import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { inRoot, readJson } from './root.mjs';

/**
 * @typedef {{ id: string, type: string, name?: string, z?: string, [property: string]: any }} FlowNode
 */

/**
 * What must be seen when an example runs.
 * @typedef {object} Expectation
 * @property {string[]} [inject] names of the inject nodes to press; default: the first one
 * @property {Record<string, string[]>} debug name of a debug node → outcomes that must arrive
 *   there; one that ends in `?` may arrive; any other outcome is a fault. `any` stands for every
 *   message without an outcome. `updated 412 200` wants these answers to the writes, too.
 * @property {string[]} [oneOf] entries such as `done: updated`, at least one of which must be seen
 * @property {string} [needs] a server that may not be there: then the example says so itself, and `npm start` prints
 *   none of its warnings
 */

/**
 * @typedef {object} Example
 * @property {string} name path below examples/, without `.json`: the entry in the Import menu
 * @property {string} tab id of its tab
 * @property {string} label of its tab
 * @property {FlowNode[]} nodes all its nodes, with ids that no other example uses
 * @property {Expectation | undefined} expectation
 */

const EXPECTATIONS = 'scripts/examples-expected.json';

/**
 * All examples of a package, in the order of the Import menu.
 * @param {string} [packageDir] folder that holds `examples/`; default: the project
 * @returns {Example[]}
 */
export function loadExamples(packageDir = inRoot()) {
  return loadFlows(path.join(packageDir, 'examples'), readExpectations());
}

/** The flows that pages of docs/ are about, for the reader to import. */
export const loadFlowsOfDocs = () => loadFlows(inRoot('docs/flows'), {});

/**
 * @param {string} folder
 * @param {Record<string, Expectation>} expectations
 * @returns {Example[]}
 */
function loadFlows(folder, expectations) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json'))
    .map(file => file.replaceAll(path.sep, '/').slice(0, -'.json'.length))
    .sort()
    .map(name => load(folder, name, expectations[name]));
}

/** @returns {Record<string, Expectation>} */
export const readExpectations = () => readJson(inRoot(EXPECTATIONS));

/**
 * @param {string} folder
 * @param {string} name
 * @param {Expectation | undefined} expectation
 * @returns {Example}
 */
function load(folder, name, expectation) {
  const nodes = withOwnIds(name, readJson(path.join(folder, `${name}.json`)));
  const tabs = nodes.filter(node => node.type === 'tab');
  const [tab] = tabs;
  if (!tab || tabs.length > 1)
    throw new Error(`Example ${name} needs one tab, it has ${tabs.length}`);
  return { name, tab: tab.id, label: tab.label, nodes, expectation };
}

/** What ends an exchange, an update or a wait for a record shows in no example. Seconds. @type {Record<string, object>} */
const LIMITS = {
  'record-endpoint': { timeout: 600, deadline: 3_600 },
  'conditional-update': { lockWait: 600 },
  'record-lock': { wait: 600 },
};

/**
 * A node of an example as a busy machine needs it, where things take as long as they take.
 * @template {{ type: string }} Node
 * @param {Node} node
 * @returns {Node}
 */
export const patientNode = node => ({ ...node, ...LIMITS[node.type] });

/**
 * Those of many examples at a time.
 * @param {readonly Example[]} examples
 * @returns {Example[]}
 */
export const patient = examples =>
  examples.map(example => ({ ...example, nodes: example.nodes.map(patientNode) }));

/**
 * Replaces every id, wherever it is used, so that several examples fit into one set of flows.
 * @param {string} name
 * @param {FlowNode[]} nodes
 * @returns {FlowNode[]}
 */
function withOwnIds(name, nodes) {
  const ids = new Map(nodes.map(({ id }) => [id, ownId(name, id)]));
  /** @param {any} value @returns {any} */
  const replace = value => {
    if (typeof value === 'string') return ids.get(value) ?? value;
    if (Array.isArray(value)) return value.map(replace);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, replace(entry)]));
  };
  return nodes.map(replace);
}

/** 16 hexadecimal digits, as the editor makes them. @param {string} name @param {string} id */
const ownId = (name, id) =>
  createHash('sha256').update(`${name}\0${id}`).digest('hex').slice(0, 16);

/** @param {readonly Example[]} examples */
export const flowsOf = examples => examples.flatMap(example => example.nodes);

/**
 * The inject nodes to press.
 * @param {Example} example
 * @returns {FlowNode[]}
 */
export function injectsOf({ name, nodes, expectation }) {
  const injects = nodes.filter(node => node.type === 'inject');
  const wanted = expectation?.inject;
  if (!wanted) return injects.slice(0, 1);
  return wanted.map(label => {
    const inject = injects.find(node => node.name === label);
    if (!inject) throw new Error(`Example ${name} has no inject node "${label}"`);
    return inject;
  });
}
