// How a setting of a dialog is told in a line of docs/settings.md.

/** @typedef {import('../../nodes/shared/fields.js').Field} Field */
/** @typedef {import('./form.mjs').Hint} Hint */
/** @typedef {import('./form.mjs').Section} Section */
/** @typedef {import('./form.mjs').Setting} Setting */

/**
 * All that is known of a dialog.
 * @typedef {Awaited<ReturnType<typeof import('../editor-fields.mjs').fieldTables>> & {
 *   type: string,
 *   texts: import('../editor-html.mjs').Catalogue,
 *   sections: Section[],
 *   parseConditions: typeof import('../../nodes/shared/conditions.js').parseConditions,
 * }} Dialog
 */

/** The editor's own texts. */
const OF_EDITOR = /** @type {Record<string, string>} */ ({ 'node-red:common.label.name': 'Name' });

/** Types of a typed input, as Node-RED calls them. */
const CORE_TYPES = /** @type {Record<string, string>} */ ({
  msg: '`msg.`',
  flow: '`flow.`',
  global: '`global.`',
  str: 'text',
  num: 'number',
  bool: 'yes or no',
  json: 'JSON',
  jsonata: 'JSONata',
  env: 'environment variable',
});

/** What is written into a field, by its kind. */
const WRITTEN = /** @type {Partial<Record<Field['kind'], string>>} */ ({
  text: 'text',
  url: 'an address',
  'base-url': 'an address without user, query and fragment',
  header: 'name of a header',
  headers: 'lines such as `Accept: application/json`',
  form: 'lines such as `audience=https://api.example.com`',
  query: 'a query such as `sap-client=100`',
  parameter: 'name of a query parameter',
  time: 'a time such as `14:00`',
  days: 'days from 0 (Sunday) to 6, separated by commas',
  'time-zone': 'name such as `Europe/Berlin`',
  flag: 'on or off',
  place: 'a property of the message',
  rows: 'rows of a table',
});

export class Words {
  /** @type {Dialog} */
  #dialog;
  /** Labels by property. @type {Map<string, string>} */
  #labels;

  /** @param {Dialog} dialog */
  constructor(dialog) {
    this.#dialog = dialog;
    const settings = dialog.sections.flatMap(section => section.settings);
    this.#labels = new Map(
      settings.flatMap(({ name, label = dialog.fields[name]?.label }) =>
        label === undefined ? [] : [[name, this.text(label)]],
      ),
    );
  }

  /** The sections with what has a line of its own. */
  sections() {
    return this.#dialog.sections
      .map(section => ({
        ...section,
        settings: section.settings.filter(({ name }) => !this.#isPart(name)),
      }))
      .filter(({ settings }) => settings.length > 0);
  }

  /** What is stored and has no row. */
  hidden() {
    const { sections, properties } = this.#dialog;
    const shown = new Set(sections.flatMap(({ settings }) => settings.map(({ name }) => name)));
    return Object.keys(properties).filter(
      name => this.#isKept(name) || !(shown.has(name) || this.#isPart(name)),
    );
  }

  /** The type of a typed input, what is put together from inputs, and what the editor keeps. @param {string} name */
  #isPart(name) {
    const { fields, inputs } = this.#dialog;
    const isType = name.endsWith('Type') && fields[name.slice(0, -'Type'.length)]?.kind === 'typed';
    return isType || name in inputs || this.#isKept(name);
  }

  /** What the editor keeps for itself: how many outputs there are, and the version of the settings. @param {string} name */
  #isKept(name) {
    return ['outputs', 'version'].includes(this.#field(name)?.kind ?? '');
  }

  /** @param {string} name @returns {Field | undefined} */
  #field(name) {
    return this.#dialog.fields[name];
  }

  /** A text of the catalogue. @param {string} key */
  text(key) {
    const own = OF_EDITOR[key];
    if (own !== undefined) return own;
    /** @type {string | import('../editor-html.mjs').Catalogue | undefined} */
    let found = this.#dialog.texts;
    for (const name of key.split('.')) found = typeof found === 'object' ? found[name] : undefined;
    if (typeof found !== 'string') throw new Error(`${this.#dialog.type}: there is no text ${key}`);
    return found;
  }

  /** Setting, property, default, what it takes, and when it counts. @param {Setting} setting */
  row(setting) {
    const { name } = setting;
    const label = this.#label(name);
    const field = this.#field(name);
    if (field === undefined) {
      return [
        label,
        `\`${name}\``,
        'empty',
        'text, kept as a credential',
        this.#when(setting.when),
      ];
    }
    return [
      label,
      this.#property(name, field),
      this.#initial(setting, field),
      this.#takes(setting, field),
      this.#when(field.when),
    ];
  }

  /** A hint of the dialog. @param {Hint} hint @param {Setting} [setting] */
  note({ key, when }, setting) {
    const about = setting === undefined ? [] : [`_${this.#label(setting.name)}_`];
    const condition = when === undefined ? [] : [this.#when(when)];
    // The condition often begins with the name of the setting.
    const whole = condition[0]?.startsWith(about[0] ?? '\0') ? condition : [...about, ...condition];
    const said = this.text(key);
    return whole.length === 0 ? said : `${whole.join(', ')}: ${said}`;
  }

  /** @param {string} name */
  #label(name) {
    const label = this.#labels.get(name);
    if (label === undefined) throw new Error(`${this.#dialog.type}: ${name} has no label`);
    return label;
  }

  /** @param {string} name @param {Field} field */
  #property(name, field) {
    const holder = Object.entries(this.#dialog.inputs).find(([, names]) => names.includes(name));
    if (holder !== undefined) return `in \`${holder[0]}\``;
    return field.kind === 'typed' ? `\`${name}\`, \`${name}Type\`` : `\`${name}\``;
  }

  /** @param {Setting} setting @param {Field} field */
  #initial({ name, options }, field) {
    const { value, required } = field;
    const needed = required === true ? ', needed' : '';
    if (field.kind === 'choice') return this.#option(String(value), options) + needed;
    if (field.kind === 'flag') return value === true ? 'on' : 'off';
    if (field.kind === 'place') return `\`msg.${String(value)}\``;
    if (field.kind === 'typed') return this.#initialTyped(name, field) + needed;
    if (field.kind === 'rows')
      return field.value.length === 0 ? 'no rows' : `${field.value.length} rows`;
    return (value === '' ? 'empty' : `\`${String(value)}\``) + needed;
  }

  /** @param {string} name @param {import('../../nodes/shared/fields.js').TypedField} field */
  #initialTyped(name, { value, bare = [] }) {
    const type = String(this.#field(`${name}Type`)?.value);
    if (bare.includes(type)) return this.#type(name, type);
    if (['msg', 'flow', 'global'].includes(type)) return `\`${type}.${value}\``;
    return value === '' ? 'empty' : `\`${value}\``;
  }

  /** @param {Setting} setting @param {Field} field */
  #takes({ name, options }, field) {
    if (field.kind === 'number') return amount(field);
    if (field.kind === 'numbers')
      return `${amount(field)}; several, separated by commas${without(field)}`;
    if (field.kind === 'node') return `a node of type \`${field.type}\``;
    if (field.kind === 'choice') {
      return field.options.map(value => this.#option(value, options)).join(' · ');
    }
    if (field.kind === 'typed') {
      const types = this.#field(`${name}Type`);
      if (types?.kind !== 'choice') throw new Error(`${name}Type is no choice`);
      return types.options.map(type => this.#type(name, type)).join(' · ');
    }
    const written = WRITTEN[field.kind];
    if (written === undefined) throw new Error(`Nothing is said of ${field.kind}`);
    return written;
  }

  /** Value and words of a choice. @param {string} value @param {Setting['options']} options */
  #option(value, options) {
    const key = options.find(([one]) => one === value)?.[1];
    if (key === undefined) throw new Error(`${this.#dialog.type}: no option ${value}`);
    const words = this.#worded(key);
    if (words === value) return `\`${value}\``;
    return value === '' ? words : `${words} (\`${value}\`)`;
  }

  /** A type of a typed input. @param {string} name @param {string} type */
  #type(name, type) {
    const own = [name, 'type'].map(group => `${this.#dialog.type}.option.${group}-${type}`);
    const key = own.find(one => this.#has(one));
    const words = key === undefined ? CORE_TYPES[type] : this.text(key);
    if (words === undefined) throw new Error(`${this.#dialog.type}: no name for ${name} ${type}`);
    return words;
  }

  /** @param {string} key */
  #has(key) {
    try {
      return this.text(key) !== '';
    } catch {
      return false;
    }
  }

  /** A condition in words. @param {string | undefined} condition */
  #when(condition) {
    if (condition === undefined) return '';
    const parts = this.#dialog.parseConditions(condition).map(one => this.#condition(one));
    return [...new Set(parts)].join('; ');
  }

  /** @param {import('../../nodes/shared/conditions.js').Condition} condition */
  #condition({ name, values, negated }) {
    const base = this.#isPart(name) ? name.slice(0, -'Type'.length) : name;
    const label = `_${this.#label(base)}_`;
    const field = this.#field(base);
    if (values.length === 1 && values[0] === '')
      return `${label} ${negated ? 'is given' : 'is empty'}`;
    if (field?.kind === 'flag')
      return `${label} is ${(values[0] === 'true') !== negated ? 'on' : 'off'}`;
    const words = values
      .map(value => (field?.kind === 'typed' ? this.#type(base, value) : this.#value(base, value)))
      .map(text => `"${text}"`);
    return `${label} is ${negated ? 'not ' : ''}${words.join(negated ? ' nor ' : ' or ')}`;
  }

  /** The words of a choice. @param {string} name @param {string} value */
  #value(name, value) {
    const settings = this.#dialog.sections.flatMap(section => section.settings);
    const key = settings
      .find(setting => setting.name === name)
      ?.options.find(([one]) => one === value);
    if (key === undefined) throw new Error(`${this.#dialog.type}: ${name} has no option ${value}`);
    return this.#worded(key[1]);
  }

  /** Of an option: a key of the catalogue, or what is the same in every language. @param {string} key */
  #worded(key) {
    return key.includes('.option.') ? this.text(key) : key;
  }
}

/** The range of a number, with its unit. @param {import('../../nodes/shared/fields.js').Range & { unit?: string }} field */
function amount({ min, max, unit, whole, blank }) {
  const range = `${min} to ${max.toLocaleString('en-US')}${unit === undefined ? '' : ` ${unit}`}`;
  return `${whole ? 'whole number, ' : ''}${range}${blank ? ', or empty' : ''}`;
}

/** @param {import('../../nodes/shared/fields.js').NumbersField} field */
function without({ except = [] }) {
  return except.length === 0 ? '' : `; not ${except.join(', ')}`;
}
