// docs/settings.md: made from the tables of the dialogs, and whole.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fieldTables } from '../../scripts/editor-fields.mjs';
import { SETTINGS_PAGE, settingsPage } from '../../scripts/lib/settings-page.mjs';
import { ROOT, TYPES } from '../editor-static/package-parts';

const PAGE = readFileSync(SETTINGS_PAGE, 'utf8');

it('is what npm run docs makes of the dialogs', async () => {
  expect(PAGE).toBe(await settingsPage());
});

describe.each(TYPES)('%s', async type => {
  const { fields, properties, credentials, inputs } = await fieldTables(ROOT, type);
  const [, rest = ''] = PAGE.split(`\n## ${type}\n`);
  const [chapter = ''] = rest.split('\n## ');

  it('names every property and credential of an exported flow', () => {
    const stored = [...Object.keys(properties), ...Object.keys(credentials)];
    expect(stored.filter(name => !chapter.includes(`\`${name}\``))).toEqual([]);
  });

  it('names every value of a choice', () => {
    const named = Object.entries(fields).flatMap(([name, field]) =>
      field.kind === 'choice' && fields[name.replace(/Type$/, '')]?.kind !== 'typed'
        ? field.options.filter(value => !/^$|[,;|:]/.test(value))
        : [],
    );
    expect(named.filter(value => !new RegExp(`\\b${value}\\b`).test(chapter))).toEqual([]);
  });

  it('has a line for every input of what is stored as one object', () => {
    for (const [property, names] of Object.entries(inputs)) {
      expect(chapter.split(`| in \`${property}\``).length - 1).toBe(names.length);
    }
  });
});
