import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from 'acorn';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConditions } from '../../nodes/shared/conditions';
import { propertyOf } from '../../nodes/shared/fields';
import { editorHtml, formTemplate } from '../../scripts/editor-html.mjs';
import { editorResources } from '../../scripts/editor-resources.mjs';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { FIELD_TABLES } from '../support/field-tables';
import { PACKAGE, ROOT, source, TYPES } from './package-parts';
import {
  literalValue,
  propertiesOf,
  registrations,
  typedChoices,
  type Registration,
} from './registration';

const CONFIG_TYPES = ['record-endpoint', 'record-store'];
const WITH_CREDENTIALS = ['record-endpoint', 'record-store', 'conflict-monitor'];
/** Properties that have no field in the dialog, because code sets them or they are part of a shared shape. */
const WITHOUT_FIELD: Record<string, readonly string[]> = {
  'record-endpoint': ['exchange', 'bulk'],
  'conditional-update': ['fields', 'fieldTypes', 'apiTypes'],
  'bulk-update': ['fieldTypes', 'apiTypes'],
  'conflict-switch': ['rows'],
  'backoff-delay': ['timeout'],
  'transition-guard': ['states'],
};

// The html is put together in memory by the functions the build uses; dist is not touched.
describe.each(TYPES)('editor half of %s', type => {
  let html = '';
  let form = '';
  let registration: Registration;
  const config = CONFIG_TYPES.includes(type);

  beforeAll(async () => {
    html = await editorHtml(ROOT, type);
    form = onOneLine(await formTemplate(ROOT, type));
    const found = registrations(html);
    expect(found).toHaveLength(1);
    registration = found[0] as Registration;
  });

  const literal = (name: string): unknown => literalValue(registration.properties[name]);

  it('is registered in the way the Flow Library reads', () => {
    expect(registration.type).toBe(type);
    expect(literal('category')).toBe(config ? 'config' : 'record updates');
    expect(literal('color')).toMatch(/^#[0-9A-F]{6}$/);
    expect(registration.properties.defaults?.type).toBe('ObjectExpression');
    if (!config) expect([literal('inputs'), typeof literal('outputs')]).toEqual([1, 'number']);
    const credentials = WITH_CREDENTIALS.includes(type) ? 'ObjectExpression' : undefined;
    expect(registration.properties.credentials?.type).toBe(credentials);
  });

  it('names an icon of its own that exists', () => {
    expect(literal('icon')).toBe(`${type}.svg`);
    expect(existsSync(join(ROOT, 'icons', `${type}.svg`))).toBe(true);
    expect(source('icons', `${type}.svg`)).toContain('width="40" height="60"');
  });

  it('has a colour on which a white icon can be seen', () => {
    expect(contrastWithWhite(String(literal('color')))).toBeGreaterThanOrEqual(3);
  });

  it('has a form for the editor', () => {
    expect(html).toContain(`<script type="text/html" data-template-name="${type}">`);
    expect(html).not.toContain('<!-- include');
    expect(html).not.toContain('@prefix@');
  });

  it('has a field for every property', () => {
    const prefix = config ? 'node-config-input' : 'node-input';
    const names = [
      ...Object.keys(propertiesOf(registration.properties.defaults)),
      ...Object.keys(propertiesOf(registration.properties.credentials)),
    ];
    const missing = names.filter(name => !form.includes(`id="${prefix}-${name}"`));
    expect(missing).toEqual([...(WITHOUT_FIELD[type] ?? [])]);
  });

  it('is complete in every example, like a node fresh from the palette', () => {
    const names = Object.keys(propertiesOf(registration.properties.defaults));
    const nodes = loadExamples().flatMap(example => example.nodes);
    const own = nodes.filter(node => node.type === type);
    expect(own.length).toBeGreaterThan(0);
    const missing = own.flatMap(node => names.filter(name => !(name in node)));
    expect(missing).toEqual([]);
  });

  it('has all properties of its table, written out for the Flow Library', () => {
    const defaults = Object.entries(propertiesOf(registration.properties.defaults));
    const shown = defaults.map(([name, written]) => {
      const { validate, label, ...literals } = propertiesOf(written);
      const entries = Object.entries(literals).map(([part, value]) => [part, literalValue(value)]);
      const property = { ...Object.fromEntries(entries), checked: validate !== undefined };
      return [name, label === undefined ? property : { ...property, label: keyIn(label) }];
    });
    const table = Object.entries(FIELD_TABLES[type] ?? {});
    expect(table.length).toBeGreaterThan(2);
    const wanted = table.map(([name, field]) => [name, propertyOf(field)]);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(wanted));
    expect(defaults.map(([name]) => name)).toEqual(table.map(([name]) => name));
  });

  it('shows and hides by fields and choices that exist', () => {
    const prefix = config ? 'node-config-input' : 'node-input';
    for (const [, condition = ''] of form.matchAll(/data-when="([^"]+)"/g)) {
      for (const { name, values } of parseConditions(condition)) {
        const choices = [...choicesOf(form, `${prefix}-${name}`), ...typedChoices(html, name)];
        for (const value of values) expect(choices, condition).toContain(value);
      }
    }
  });

  it('gives every field a label', () => {
    const ids = [...form.matchAll(/<(?:input|select)[^>]* id="([^"]+)"/g)].map(match => match[1]);
    const hidden = [...form.matchAll(/<input type="hidden" id="([^"]+)"/g)].map(match => match[1]);
    const unlabelled = ids
      .filter(id => !hidden.includes(id))
      .filter(id => !form.includes(`<label for="${id ?? ''}"`));
    expect(unlabelled).toEqual([]);
  });

  it('takes every colour but its own from the theme', () => {
    expect(foreignColours(html.replace(String(literal('color')), ''))).toEqual([]);
  });

  it('loads what all dialogs share before its own script', () => {
    const [first, second] = [...html.matchAll(/<script[^>]*>/g)].map(match => match[0]);
    expect(first).toBe(`<script src="resources/${PACKAGE}/dialogs.js">`);
    expect(second).toBe('<script type="text/javascript">');
  });

  it('asks the shared script only for what is in it', async () => {
    const { 'dialogs.js': shared = '' } = await editorResources(ROOT);
    const asked = [...html.matchAll(/=take\("(\w+)"\)/g)].map(match => match[1] ?? '');
    expect(asked).toContain('translator');
    expect(asked.filter(name => !shared.includes(`${name}:()=>${name}`))).toEqual([]);
  });
});

describe('resources', async () => {
  const resources = await editorResources(ROOT);

  it.each(Object.entries(resources))('%s takes every colour from the theme', (name, text) => {
    // Recipes are settings, and show nothing; the tour is shown by the editor.
    if (!['presets.js', 'test-answer.js', 'first-flow-tour.js'].includes(name))
      expect(text).toMatch(/(?:color|fill): var\(--red-ui-/);
    expect(foreignColours(text)).toEqual([]);
  });

  it('carry the licence of the package that lays out the picture, where it is', () => {
    const licence = source('node_modules', '@dagrejs', 'dagre', 'LICENSE').trim();
    const { 'machine-picture.js': picture, 'dialogs.js': dialogs } = resources;
    expect(picture).toContain(`/*! @dagrejs/dagre\n\n${licence}\n*/`);
    expect(dialogs).not.toContain('/*!');
  });
});

/** The key in a call such as `t("shared.label.key")`. */
function keyIn(call: Node): unknown {
  const { arguments: [key] = [] } = call as Node & { readonly arguments?: readonly Node[] };
  return literalValue(key);
}

/** Colours that would not follow the theme, in a script or a style. */
function foreignColours(text: string): string[] {
  const literals = [
    ...text.matchAll(/#[0-9a-f]{3,8}\b(?=[;"' }])/gi),
    ...text.matchAll(/\b(?:rgb|hsl)a?\(/g),
  ].map(match => match[0]);
  const named = [...text.matchAll(/[{;\s](?:color|background|fill|stroke): *([^;}\\]+)[;}]/g)]
    .map(match => match[1] ?? '')
    .filter(colour => !/^(?:var\(--red-ui-|none$)/.test(colour));
  return [...literals, ...named];
}

/** The form with every tag on one line, however it was laid out. */
function onOneLine(form: string): string {
  return form.replace(/<[^>]+>/g, tag => tag.replace(/\s+/g, ' ').replace(/ >$/, '>'));
}

function choicesOf(form: string, id: string): string[] {
  if (form.includes(`<input type="checkbox" id="${id}"`)) return ['true', 'false'];
  if (new RegExp(`<input type="text"[^>]* id="${id}"`).test(form)) return [''];
  const select = new RegExp(`<select id="${id}">([\\s\\S]*?)</select>`).exec(form)?.[1] ?? '';
  return [...select.matchAll(/<option value="([^"]+)"/g)].map(match => match[1] ?? '');
}

/** WCAG 2.2 contrast ratio. */
function contrastWithWhite(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map(start => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
    .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
