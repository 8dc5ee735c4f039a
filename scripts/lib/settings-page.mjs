// docs/settings.md, made from what the dialogs are made of: tables of fields, forms and catalogues.
import { fieldTables } from '../editor-fields.mjs';
import { catalogue, formTemplate } from '../editor-html.mjs';
import { importTypeScript } from './compile.mjs';
import { formSections } from './form.mjs';
import { ROOT, inRoot, readManifest } from './root.mjs';
import { Words } from './settings-words.mjs';

/** @typedef {import('./form.mjs').Hint} Hint */
/** @typedef {import('./form.mjs').Section} Section */
/** @typedef {import('./settings-words.mjs').Dialog} Dialog */

export const SETTINGS_PAGE = inRoot('docs/settings.md');

const HEAD = `# Settings

Every setting of every dialog, in the order of the dialog. _Property_ is its name in an exported flow. _New node_ is what stands there before anybody changes it; it also holds where a flow was saved without the setting, but for what the [upgrade notes](upgrading.md#settings) name. In place of a number, \`\${NAME}\` takes an environment variable. A setting that does not count is hidden, and its default holds.

What the nodes are for stands in [The nodes](nodes.md). This page is made from the same tables as the dialogs.`;

/** @returns {Promise<string>} */
export async function settingsPage() {
  const types = Object.keys(readManifest()['node-red'].nodes);
  const contents = types.map(type => `- [${type}](#${type})`).join('\n');
  const chapters = await Promise.all(types.map(chapter));
  return `${[HEAD, contents, ...chapters].join('\n\n')}\n`;
}

/** @param {string} type */
async function chapter(type) {
  const form = await formTemplate(ROOT, type);
  const [, prefix = ''] = /id="(\S+)-name"/.exec(form) ?? [];
  const words = new Words(await dialogOf(type, formSections(form, prefix)));
  const parts = words.sections().map(section => part(section, words));
  return [`## ${type}`, ...parts, ...besides(words)].join('\n\n');
}

/** @param {string} type @param {Section[]} sections @returns {Promise<Dialog>} */
async function dialogOf(type, sections) {
  const [tables, texts, { parseConditions }] = await Promise.all([
    fieldTables(ROOT, type),
    catalogue(ROOT, 'en-US', type),
    conditions,
  ]);
  return { ...tables, type, texts, sections, parseConditions };
}

const conditions = importTypeScript('nodes/shared/conditions.ts');

/** @param {Section} section @param {Words} words */
function part({ title, hints, settings }, words) {
  const rows = settings.map(setting => words.row(setting));
  // Where every setting always counts, nobody has to read that.
  const columns = rows.some(row => row.at(-1) !== '') ? HEADINGS : HEADINGS.slice(0, -1);
  const notes = [
    ...hints.map(hint => words.note(hint)),
    ...settings.flatMap(setting => setting.hints.map(hint => words.note(hint, setting))),
  ];
  return [
    ...(title === undefined ? [] : [`### ${words.text(title)}`]),
    table(columns, rows),
    ...(notes.length === 0 ? [] : [notes.map(note => `- ${note}`).join('\n')]),
  ].join('\n\n');
}

const HEADINGS = ['Setting', 'Property', 'New node', 'Takes', 'Counts when'];

/** @param {readonly string[]} columns @param {readonly (readonly string[])[]} rows */
function table(columns, rows) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${columns.map((_, at) => cells[at]?.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What is stored without a row in the dialog. @param {Words} words */
function besides(words) {
  const names = words.hidden().map(name => `\`${name}\``);
  return names.length === 0
    ? []
    : [`Stored besides, without a row of its own: ${names.join(', ')}.`];
}
