// What a form shows: its settings in their order, with the sections, labels, choices and hints around them.

/**
 * @typedef {object} Hint
 * @property {string} key of the catalogue
 * @property {string} [when] with which other fields it is shown
 */

/**
 * @typedef {object} Setting
 * @property {string} name of its property
 * @property {string | undefined} [label] key of the catalogue
 * @property {string | undefined} [when] with which other fields it is shown, of all that it stands in
 * @property {[value: string, text: string][]} options of a select: keys of the catalogue, or plain words
 * @property {Hint[]} hints
 */

/**
 * @typedef {object} Section
 * @property {string | undefined} title key of the catalogue; undefined: what is in sight at once
 * @property {Hint[]} hints
 * @property {Setting[]} settings
 */

/** @typedef {{ tag: string, parts: Record<string, string>, end: boolean, text: string }} Token */

const TOKEN = /<(\/?)([a-z][a-z\d]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>|([^<]+)|<!--.*?-->/gs;
const PART = /([\w-]+)(?:="([^"]*)")?/g;
/** They have no end tag. */
const VOID = ['input', 'br', 'hr', 'img'];
const HINT = /\b(?:record-updates-hint|form-tips)\b/;
const ROW = /\b(?:form-row|record-updates-wide)\b/;

/**
 * The sections of a form, those without a setting left out.
 * @param {string} form html, with its fragments and rows filled in
 * @param {string} prefix of the ids of its fields
 * @returns {Section[]}
 */
export function formSections(form, prefix) {
  const reader = new FormReader(prefix);
  for (const [, end, tag = '', parts = '', text = ''] of form.matchAll(TOKEN)) {
    reader.take({ tag, parts: partsOf(parts), end: end === '/', text: text.trim() });
  }
  return reader.sections();
}

/** @param {string} text @returns {Record<string, string>} */
function partsOf(text) {
  return Object.fromEntries(
    [...text.matchAll(PART)].map(([, name = '', value = '']) => [name, value]),
  );
}

class FormReader {
  /** What is open, from the outside. @type {Token[]} */
  #open = [];
  /** @type {Section[]} */
  #sections = [{ title: undefined, hints: [], settings: [] }];
  /** The sections that are open; the last one takes what comes. */
  #inside = [this.#top()];
  /** By the id of the field. @type {Map<string, string>} */
  #labels = new Map();
  /** The last field with its row; no setting: it only fills in others. @type {{ setting?: Setting, row?: Token | undefined }} */
  #about = {};
  /** @type {string} */
  #ids;

  /** @param {string} prefix */
  constructor(prefix) {
    this.#ids = `${prefix}-`;
  }

  sections() {
    for (const { settings } of this.#sections) {
      for (const setting of settings) setting.label ??= this.#labels.get(this.#ids + setting.name);
    }
    return this.#sections.filter(({ settings }) => settings.length > 0);
  }

  /** @param {Token} token */
  take(token) {
    if (token.tag === '') return this.#words(token.text);
    if (token.end) return this.#close(token);
    if (!VOID.includes(token.tag)) this.#open.push(token);
    if (token.tag === 'details') this.#begin();
    this.#element(token);
  }

  #top() {
    return /** @type {Section} */ (this.#sections[0]);
  }

  get #section() {
    return this.#inside.at(-1) ?? this.#top();
  }

  #begin() {
    const section = { title: undefined, hints: [], settings: [] };
    this.#sections.push(section);
    this.#inside.push(section);
    this.#about = {};
  }

  /** @param {Token} token */
  #close({ tag }) {
    this.#open.pop();
    if (tag !== 'details') return;
    this.#inside.pop();
    this.#about = {};
  }

  /** @param {Token} token */
  #element({ tag, parts }) {
    const key = parts['data-i18n'];
    if (tag === 'summary') this.#section.title = key;
    else if (tag === 'option') this.#about.setting?.options.push([parts.value ?? '', key ?? '']);
    else if (HINT.test(parts.class ?? '')) this.#hint(key, parts['data-when']);
    else if (key !== undefined && !key.startsWith('[')) this.#label(key);
    if (parts.id !== undefined) this.#field(tag, parts.id, parts.type === 'hidden');
  }

  /** Of an option that is the same in every language. @param {string} text */
  #words(text) {
    const option = this.#about.setting?.options.at(-1);
    if (this.#open.at(-1)?.tag === 'option' && option?.[1] === '') option[1] = text;
  }

  /** A text that stands inside a label, or is one. @param {string} key */
  #label(key) {
    const label = this.#open.findLast(({ tag }) => tag === 'label');
    if (label === undefined) return;
    const field = label.parts.for ?? label.parts.id?.replace(/-label$/, '');
    if (field !== undefined) this.#labels.set(field, key);
    if (!field?.startsWith(this.#ids)) this.#about = { row: this.#row() };
  }

  /** @param {string} tag @param {string} id @param {boolean} isHidden hints are about what is in sight */
  #field(tag, id, isHidden) {
    const isRows = tag === 'ol';
    if (!isRows && !['input', 'select', 'textarea'].includes(tag)) return;
    if (!id.startsWith(this.#ids)) return;
    const name = id.slice(this.#ids.length);
    /** @type {Setting} */
    const setting = {
      name: isRows ? name.replace(/-list$/, '') : name,
      when: this.#when(),
      options: [],
      hints: [],
    };
    this.#section.settings.push(setting);
    if (!isHidden) this.#about = { setting, row: this.#row() };
  }

  /** In the row of a field it is about that, elsewhere about what it hangs on. @param {string | undefined} key @param {string | undefined} when */
  #hint(key, when) {
    if (key === undefined) return;
    const hint = { key, ...(when === undefined ? {} : { when }) };
    const { setting, row } = this.#about;
    const isInRow = row !== undefined && this.#open.includes(row);
    if (isInRow) setting?.hints.push(hint);
    else (this.#named(when) ?? this.#section).hints.push(hint);
  }

  /** The setting that a condition is about. @param {string | undefined} when */
  #named(when) {
    const name = /(\w+)!?=[^;]*$/.exec(when ?? '')?.[1];
    return this.#sections
      .flatMap(({ settings }) => settings)
      .find(setting => setting.name === name || `${setting.name}Type` === name);
  }

  #row() {
    return this.#open.findLast(({ parts }) => ROW.test(parts.class ?? ''));
  }

  #when() {
    const parts = this.#open.flatMap(({ parts }) => parts['data-when'] ?? []);
    return parts.length === 0 ? undefined : parts.join(';');
  }
}
