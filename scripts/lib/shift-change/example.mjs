/** @typedef {import('../examples.mjs').Example} Example */
/** @typedef {import('../examples.mjs').FlowNode} FlowNode */
/** @typedef {import('../node-red.mjs').NodeRed} NodeRed */
/** @typedef {import('./types.mjs').EventReport} EventReport */

const NAME = 'work-orders/03 - Shift change';
const REPORT = 'shift report';

/** @param {Example} example */
export const isShiftExample = ({ name }) => name === NAME;

/** @param {readonly Example[]} examples @returns {Example} */
export function findShiftExample(examples) {
  const found = examples.find(isShiftExample);
  if (!found) throw new Error(`There is no example ${NAME}`);
  return found;
}

/**
 * The example with its own nodes, working at this server.
 * @param {Example} example
 * @param {string} url of a sandbox
 * @param {string} [shift] default: the one of the example
 * @returns {Example}
 */
export function workingAt(example, url, shift = shiftOf(example)) {
  const nodes = example.nodes.map(node => {
    if (node.type === 'record-endpoint') return { ...node, server: 'url', baseUrl: `${url}/api` };
    return node.type === 'inject' ? { ...node, props: propsOf(node, shift) } : node;
  });
  return { ...example, nodes };
}

/** Name of the shift it works through. @param {Example} example @returns {string} */
export function shiftOf({ nodes }) {
  const inject = nodes.find(({ type }) => type === 'inject');
  return inject?.props.find((/** @type {{ p: string }} */ { p }) => p === 'payload').v;
}

/** @param {FlowNode} inject @param {string} shift */
const propsOf = ({ props }, shift) =>
  props.map((/** @type {{ p: string }} */ prop) =>
    prop.p === 'payload' ? { ...prop, v: shift } : prop,
  );

/**
 * Calls back once the example has reported how every event of its shift ended.
 * @param {NodeRed} nodeRed
 * @param {Example} example
 * @param {(reports: EventReport[]) => void} callback
 * @returns {() => void} ends it
 */
export const onShiftReport = (nodeRed, { tab }, callback) =>
  nodeRed.onDebug(({ z, name, msg }) => {
    if (z === tab && name === REPORT) callback(msg.payload.events);
  });
