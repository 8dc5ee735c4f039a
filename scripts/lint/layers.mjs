import path from 'node:path';
import { ROOT } from '../lib/root.mjs';

/**
 * Which part of the code may use which. Dependencies point one way: nodes → lib, and inside lib
 * update → api, transport → the pure folders.
 * @typedef {object} Layer
 * @property {string} name
 * @property {RegExp} files paths from the root; the first layer that matches is a file's layer
 * @property {readonly string[]} uses layers it may import besides itself; a name that ends in `/`
 *   stands for all layers below it
 * @property {readonly string[]} [types] layers of which it may import types only
 * @property {readonly string[]} [packages] the only packages it may import; default: any but
 *   Node-RED's
 * @property {boolean} [nodeRedTypes] it may import types of Node-RED
 */

const PURE = ['lib/errors', 'lib/record', 'lib/retry', 'lib/lifecycle', 'lib/outcome'];
/** The pure layers below one of them. */
const below = (/** @type {string} */ name) => PURE.slice(0, PURE.indexOf(name));
/** Arithmetic and parsing only: nothing that reads a clock, a file or the network. */
const PURE_PACKAGES = ['big.js', 'lossless-json'];

/** @type {readonly Layer[]} */
export const LAYERS = [
  layer('lib/errors', /^lib\/errors\.ts$/, { uses: [], packages: [] }),
  layer('lib/record', /^lib\/record\//, { uses: below('lib/record'), packages: PURE_PACKAGES }),
  layer('lib/retry', /^lib\/retry\//, { uses: below('lib/retry'), packages: PURE_PACKAGES }),
  layer('lib/lifecycle', /^lib\/lifecycle\//, { uses: below('lib/lifecycle'), packages: [] }),
  layer('lib/outcome', /^lib\/outcome\//, { uses: below('lib/outcome'), packages: PURE_PACKAGES }),
  layer('lib/transport', /^lib\/transport\//, { uses: PURE }),
  layer('lib/api', /^lib\/api\//, { uses: PURE, types: ['lib/transport'] }),
  layer('lib/coordination', /^lib\/coordination\//, { uses: ['lib/errors', 'lib/retry'] }),
  layer('lib/update', /^lib\/update\//, { uses: ['lib/'] }),
  // Style sheets too, which the build brings along as text.
  layer('editor', /^nodes\/(shared\/editor\/|.*\.(editor|css)\.ts$)/, {
    // The list of outcomes to choose from is the engine's, and so is what makes a state machine sound.
    uses: ['config', 'lib/errors', 'lib/outcome', 'lib/lifecycle'],
    types: ['lib/'],
    nodeRedTypes: true,
  }),
  // What both halves know of a dialog: its table of fields, and what a value must look like.
  layer(
    'config',
    /^nodes\/([^/]+\/config|shared\/(checks|conditions|fields|\w+-fields|retry-config))\.ts$/,
    {
      uses: [],
      types: ['lib/'],
      packages: [],
    },
  ),
  layer('nodes', /^(nodes|plugins)\//, {
    uses: ['lib/', 'config', 'sandbox', 'texts'],
    nodeRedTypes: true,
  }),
  layer('sandbox', /^sandbox\//, { uses: [] }),
  layer('texts', /^locales\//, { uses: [] }),
];

/**
 * @param {string} name
 * @param {RegExp} files
 * @param {Omit<Layer, 'name' | 'files'>} rules
 * @returns {Layer}
 */
function layer(name, files, rules) {
  return { name, files, ...rules };
}

/** @param {string} file path from the root */
const layerOf = file => LAYERS.find(({ files }) => files.test(file));

/**
 * Why an import is not allowed.
 * @param {string} file path of the importing file from the root
 * @param {string} source what it imports
 * @param {boolean} typeOnly
 * @returns {string | undefined} undefined: it is allowed
 */
export function importFault(file, source, typeOnly) {
  const from = layerOf(file);
  if (!from) return undefined;
  return source.startsWith('.')
    ? layerFault(from, path.posix.join(path.posix.dirname(file), source), typeOnly)
    : packageFault(from, source, typeOnly);
}

/** @param {Layer} from @param {string} target @param {boolean} typeOnly */
function layerFault(from, target, typeOnly) {
  const to = layerOf(`${target}.ts`);
  if (!to) return `${from.name} may not import ${target}, which belongs to no layer`;
  if (to === from || includes(from.uses, to.name)) return undefined;
  if (includes(from.types ?? [], to.name)) {
    return typeOnly ? undefined : `${from.name} may import types only from ${to.name}`;
  }
  return `${from.name} may not import ${to.name}`;
}

/** @param {Layer} from @param {string} source @param {boolean} typeOnly */
function packageFault(from, source, typeOnly) {
  if (isNodeRed(source)) {
    return from.nodeRedTypes && typeOnly
      ? undefined
      : `${from.name} may not import ${source}${from.nodeRedTypes ? ' but for its types' : ''}`;
  }
  return !from.packages || from.packages.includes(source)
    ? undefined
    : `${from.name} may not import ${source}`;
}

/** @param {string} source */
const isNodeRed = source => /^(node-red|@node-red)(\/|$)/.test(source);

/** @param {readonly string[]} names @param {string} name */
const includes = (names, name) =>
  names.some(entry => entry === name || (entry.endsWith('/') && name.startsWith(entry)));

/** @param {any} node an import or export declaration */
function isTypeOnly(node) {
  if ((node.importKind ?? node.exportKind) === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return (
    specifiers.length > 0 &&
    specifiers.every(
      (/** @type {any} */ entry) => (entry.importKind ?? entry.exportKind) === 'type',
    )
  );
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: { type: 'problem', schema: [], messages: { fault: '{{fault}}.' } },
  create(context) {
    const file = path.relative(ROOT, context.filename).replaceAll(path.sep, '/');
    /**
     * @param {any} node
     * @param {any} source
     * @param {boolean} typeOnly
     */
    const check = (node, source, typeOnly) => {
      if (typeof source?.value !== 'string') return;
      const fault = importFault(file, source.value, typeOnly);
      if (fault) context.report({ node, messageId: 'fault', data: { fault } });
    };
    /** @param {any} node */
    const declaration = node => check(node, node.source, isTypeOnly(node));
    return {
      ImportDeclaration: declaration,
      ExportNamedDeclaration: declaration,
      ExportAllDeclaration: declaration,
      ImportExpression: (/** @type {any} */ node) => check(node, node.source, false),
      TSImportType: (/** @type {any} */ node) => check(node, node.source, true),
      TSExternalModuleReference: (/** @type {any} */ node) => check(node, node.expression, false),
      'CallExpression[callee.name="require"]': (/** @type {any} */ node) =>
        check(node, node.arguments[0], false),
    };
  },
};

export default { rules: { imports: rule } };
