// What the build makes of the table of fields in a node's config.ts: the properties in its registration, and rows of
// its form.
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * @typedef {import('../nodes/shared/fields.js').Field} Field
 * @typedef {import('../nodes/shared/fields.js').Property} Property
 * @typedef {Record<string, { type: string }>} Credentials
 */

/**
 * The tables of a node type, by running its config.ts.
 * @param {string} root
 * @param {string} type
 * @returns {Promise<{fields: Record<string, Field>, properties: Record<string, Property>, credentials: Credentials, inputs: Record<string, readonly string[]>}>}
 *   inputs: of what is stored in one object, by the name of that property
 */
export async function fieldTables(root, type) {
  const contents = `
    import * as config from './nodes/${type}/config';
    import { propertyOf } from './nodes/shared/fields';
    const all = ending =>
      Object.entries(config).flatMap(([name, table]) => (name.endsWith(ending) ? [table] : []));
    const [own] = all('_FIELDS');
    export const fields = Object.assign({}, own, ...all('_INPUTS'));
    export const properties = Object.fromEntries(
      Object.entries(own).map(([name, field]) => [name, propertyOf(field)]),
    );
    export const credentials = all('_CREDENTIALS')[0] ?? {};
    export const inputs = Object.fromEntries(
      Object.entries(config).flatMap(([name, table]) =>
        name.endsWith('_INPUTS') ? [[name.slice(0, -'_INPUTS'.length).toLowerCase(), Object.keys(table)]] : [],
      ),
    );`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  const code = Buffer.from(outputFiles.map(file => file.text).join('')).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/**
 * Writes `defaults: defaults(…)` and `credentials: …_CREDENTIALS` of a registration out as literals: the Flow Library
 * reads them without running the script.
 * @param {Awaited<ReturnType<typeof fieldTables>>} tables
 * @returns {import('esbuild').Plugin}
 */
export function propertyLiterals({ properties, credentials }) {
  return {
    name: 'property-literals',
    setup({ onLoad }) {
      onLoad({ filter: /\.editor\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const contents = source
          .replace(/\bdefaults: defaults\([^)]*\)/, () => `defaults: ${literal(properties)}`)
          .replace(
            /\bcredentials: \w+_CREDENTIALS\b/,
            () => `credentials: ${JSON.stringify(credentials)}`,
          );
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** @param {Record<string, Property>} properties */
function literal(properties) {
  const written = Object.entries(properties).map(([name, { checked, label, ...property }]) => {
    const parts = Object.entries(property).map(
      ([part, value]) => `${part}: ${JSON.stringify(value)}`,
    );
    if (label !== undefined) parts.push(`label: t(${JSON.stringify(label)})`);
    if (checked) parts.push(`validate: valid.${name}`);
    return `${name}: { ${parts.join(', ')} }`;
  });
  return `{ ${written.join(', ')} }`;
}

/** A row of a form: its field, the prefix of the form's ids, and what stands there besides label and field. */
const ROW = /<!-- field (\w+) as (\S+)((?: [a-z]+(?:="[^"]*")?)*) -->/g;

/**
 * Fills in the rows of the fields that are no more than label and field. After the name of the form's ids may stand
 * `icon="fa-…"`, `hint` and `placeholder`: texts of the catalogue beside the label, `label.x` being `tip.x` and
 * `placeholder.x`; or `placeholder="…"` for an example that is the same in every language.
 * @param {string} form
 * @param {Record<string, Field>} fields
 */
export function withRows(form, fields) {
  return form.replace(ROW, (mark, name, prefix, text) => {
    const field = fields[name];
    if (field?.label === undefined) throw new Error(`${mark}: no field with a label`);
    const parts = Object.fromEntries(
      [...text.matchAll(/ ([a-z]+)(?:="([^"]*)")?/g)].map(([, part, value]) => [
        part,
        value ?? true,
      ]),
    );
    return row({ ...field, label: field.label }, `${prefix}-${name}`, parts);
  });
}

/**
 * @param {Field & { label: string }} field
 * @param {string} id
 * @param {{ icon?: string, hint?: true, placeholder?: string | true }} parts
 */
function row(field, id, { icon, hint, placeholder }) {
  const beside = (/** @type {string} */ group) => field.label.replace('.label.', `.${group}.`);
  const when = field.when === undefined ? '' : ` data-when="${field.when}"`;
  const image = icon === undefined ? '' : `<i class="fa ${icon}"></i> `;
  const label = `<span data-i18n="${field.label}"></span>`;
  const below = hint ? `<div class="record-updates-hint" data-i18n="${beside('tip')}"></div>` : '';
  if (field.kind === 'flag') {
    const box = `<input type="checkbox" id="${id}"/> ${label}`;
    return `<div class="form-row record-updates-check"${when}><label for="${id}">${box}</label>${below}</div>`;
  }
  const example =
    placeholder === true
      ? ` data-i18n="[placeholder]${beside('placeholder')}"`
      : placeholder === undefined
        ? ''
        : ` placeholder="${placeholder}"`;
  if (field.kind === 'headers' || field.kind === 'form') {
    const area = `<textarea id="${id}" rows="2" spellcheck="false"${example}></textarea>`;
    return `<div class="form-row"${when}><label for="${id}">${image}${label}</label>${area}${below}</div>`;
  }
  const input = `<input type="text"${mode(field)} id="${id}"${wide(field)}${example}/>`;
  const typed = field.kind === 'typed' ? `<input type="hidden" id="${id}Type"/>` : '';
  return `<div class="form-row"${when}><label for="${id}">${image}${label}</label>${input}${typed}${below}</div>`;
}

/** Which keys a phone shows. @param {Field} field */
function mode(field) {
  if (field.kind !== 'number') return '';
  return ` inputmode="${field.whole ? 'numeric' : 'decimal'}"`;
}

/** What the editor puts a widget of its own in the place of. @param {Field} field */
function wide({ kind }) {
  return ['typed', 'place', 'node'].includes(kind) ? ' style="width: 100%"' : '';
}
