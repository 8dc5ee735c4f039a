// Which part of the code may use which. Dependencies point one way: nodes → lib, and inside lib
// update → api, transport → the pure folders; none leads back to where it began. An import of types
// leaves nothing to run, but whoever reads the code has to follow it: it counts like any other.

/** @typedef {import('dependency-cruiser').IRegularForbiddenRuleType} Rule */
/** A file or a package by its path from the root: a regular expression. @typedef {string} Path */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {Path} files
 * @property {readonly Path[]} [uses] layers that it may import besides itself
 * @property {readonly Path[]} [types] layers that it may import types of
 * @property {readonly string[]} [packages] the only packages and modules of Node.js it may import;
 *   default: any
 */

const ERRORS = '^lib/errors[.]ts$';
const RECORD = '^lib/record/';
const RETRY = '^lib/retry/';
const LIFECYCLE = '^lib/lifecycle/';
const OUTCOME = '^lib/outcome/';
const TRANSPORT = '^lib/transport/';
const API = '^lib/api/';
const COORDINATION = '^lib/coordination/';
const MONITOR = '^lib/monitor/';
const UPDATE = '^lib/update/';
const REVIEW = '^lib/review/';
const METADATA = '^lib/metadata/';
/** What both halves know of a dialog: its table of fields, and what a value must look like. */
const CONFIG_FILES =
  '([^/]+/config|record-endpoint/(bulk-fields|bulk-settings|clashes|exchange-fields|exchange-settings|preset-values|presets|recipes|sign-in-fields)|shared/(api-types|checks|conditions|fields|hours-fields|record-fields|retry-config|text-key|update-fields))[.]ts$';
/** How templates and names of a described exchange are written. */
const SYNTAX = '^lib/api/rest/(template|header-names|exchange-syntax)[.]ts$';
/** What is bundled for the browser, style sheets too. */
const EDITOR_FILES = '(shared/editor/|.*[.](editor[.]ts|css)$)';
const CONFIG = `^nodes/${CONFIG_FILES}`;
const EDITOR = `^nodes/${EDITOR_FILES}`;
/** What makes the requests of an endpoint from its settings: in the runtime, and in the dialog's preview. */
const PREVIEW_FILES = '(record-endpoint/(preview|api-settings)|shared/read-settings)[.]ts$';
const PREVIEW = `^nodes/${PREVIEW_FILES}`;
const NODES = `^nodes/(?!${CONFIG_FILES}|${EDITOR_FILES}|${PREVIEW_FILES})`;
/** What both halves of a plugin know. */
const PLUGIN_SHARED = '^plugins/[^/]+/(shapes|key-text)[.]ts$';
const PLUGIN_EDITOR = '^plugins/.*[.](editor[.]ts|css)$';
const PLUGINS = '^plugins/(?![^/]+/(shapes|key-text)[.]ts$|.*[.](editor[.]ts|css)$)';
const SANDBOX = '^sandbox/';
/** The catalogues: data. */
const TEXTS = '^locales/';

const PURE = [ERRORS, RECORD, RETRY, LIFECYCLE, OUTCOME];
const ENGINE = [...PURE, TRANSPORT, API, COORDINATION, UPDATE];
const LIB = [...ENGINE, MONITOR, REVIEW, METADATA];
/** Arithmetic and parsing only: nothing that reads a clock, a file or the network. */
const PURE_PACKAGES = ['big.js', 'lossless-json'];

/** @type {readonly Layer[]} */
const LAYERS = [
  { name: 'errors', files: ERRORS, packages: [] },
  { name: 'record', files: RECORD, uses: [ERRORS], packages: PURE_PACKAGES },
  { name: 'retry', files: RETRY, uses: [ERRORS, RECORD], packages: PURE_PACKAGES },
  { name: 'lifecycle', files: LIFECYCLE, uses: [ERRORS, RECORD, RETRY], packages: [] },
  { name: 'outcome', files: OUTCOME, uses: PURE, packages: PURE_PACKAGES },
  { name: 'transport', files: TRANSPORT, uses: PURE },
  { name: 'api', files: API, uses: PURE, types: [TRANSPORT] },
  { name: 'coordination', files: COORDINATION, uses: [ERRORS, RECORD, RETRY], types: [OUTCOME] },
  { name: 'monitor', files: MONITOR, uses: [...PURE, COORDINATION] },
  { name: 'update', files: UPDATE, uses: ENGINE },
  // The nodes do an update once more: dead letters know what it is, and no API.
  { name: 'review', files: REVIEW, uses: [...PURE, COORDINATION] },
  // What an API says of its records: read by the route of the endpoint, told in the editor.
  {
    name: 'metadata',
    files: METADATA,
    uses: [ERRORS, RECORD],
    types: [TRANSPORT, API],
    packages: [],
  },
  // The keys of the catalogues are types.
  { name: 'config', files: CONFIG, uses: [SYNTAX], types: [...LIB, TEXTS], packages: [] },
  {
    name: 'editor',
    files: EDITOR,
    // The list of outcomes to choose from is the engine's, and so is what makes a state machine sound, and what an API
    // says of its records.
    uses: [CONFIG, PREVIEW, ERRORS, OUTCOME, LIFECYCLE, METADATA],
    types: LIB,
  },
  { name: 'preview', files: PREVIEW, uses: [...LIB, CONFIG], packages: [] },
  { name: 'nodes', files: NODES, uses: [...LIB, CONFIG, PREVIEW, SANDBOX, TEXTS] },
  { name: 'plugin-shared', files: PLUGIN_SHARED, types: LIB, packages: [] },
  {
    name: 'plugin-editor',
    files: PLUGIN_EDITOR,
    uses: [PLUGIN_SHARED, EDITOR],
    types: [...LIB, CONFIG],
  },
  { name: 'plugins', files: PLUGINS, uses: [...LIB, PLUGIN_SHARED, NODES] },
  { name: 'sandbox', files: SANDBOX },
  { name: 'texts', files: TEXTS },
];

/** @param {readonly string[]} names regular expressions @returns {Path} */
const packages = names => `(^|/)node_modules/(${names.join('|')})/`;
const NODE_RED = packages(['node-red', '@node-red/[^/]+', '@types/node-red[^/]*']);

/** Config nodes that others use, with the one file of each that they may see. */
const LOOKED_UP = 'nodes/(record-endpoint|record-store)/';

/** @type {Rule[]} */
const RULES = [
  {
    name: 'no-circle',
    comment:
      'A file must not reach itself through its imports. Move what both need to a third one.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'lookup-only',
    comment: 'What other nodes see of a config node is in its lookup.ts.',
    severity: 'error',
    from: { path: '^(nodes|plugins)/', pathNot: `^${LOOKED_UP}` },
    to: { path: `^${LOOKED_UP}`, pathNot: '/(lookup|config)[.]ts$' },
  },
  {
    name: 'no-node-red',
    comment: 'Engine and sandbox know nothing of Node-RED. Let the node hand over what is needed.',
    severity: 'error',
    from: { path: '^(lib|sandbox)/' },
    to: { path: NODE_RED },
  },
  {
    name: 'node-red-types-only',
    comment: "Node-RED hands itself to a node as RED: a node's own copy may be another version.",
    severity: 'error',
    from: { path: '^(nodes|plugins)/' },
    to: { path: NODE_RED, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-undeclared-package',
    comment:
      'Where the package is installed there is what `dependencies` names. Types may be of others.',
    severity: 'error',
    from: { pathNot: [EDITOR, PLUGIN_EDITOR] },
    to: {
      pathNot: NODE_RED,
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'no-unknown-file',
    comment: 'What it names is not there.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-file-without-layer',
    comment: 'Add the folder to the layers in .dependency-cruiser.mjs.',
    severity: 'error',
    from: { pathNot: LAYERS.map(({ files }) => files) },
    to: { dependencyTypesNot: ['npm', 'core'] },
  },
];

/** @param {Layer} layer @returns {Rule[]} */
function rulesOf({ name, files, uses = [], types = [], packages: names }) {
  const from = { path: files };
  const own = [files, ...uses];
  /** @param {string} what @param {Rule['to']} to @returns {Rule} */
  const rule = (what, to) => ({ name: `${name}-${what}`, severity: 'error', from, to });
  return [
    rule('uses', { dependencyTypes: ['local'], pathNot: [...own, ...types] }),
    ...(types.length > 0
      ? [rule('types-only', { path: [...types], pathNot: own, dependencyTypesNot: ['type-only'] })]
      : []),
    ...(names === undefined
      ? []
      : [rule('packages', { dependencyTypesNot: ['local'], pathNot: [packages(names)] })]),
  ];
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...RULES, ...LAYERS.flatMap(rulesOf)],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
