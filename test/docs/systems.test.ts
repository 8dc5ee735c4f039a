import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RECIPES } from '../../nodes/record-endpoint/recipes';
import { inRoot } from '../../scripts/lib/root.mjs';

const form = readFileSync(inRoot('nodes/record-endpoint/record-endpoint.html'), 'utf8');
const page = readFileSync(inRoot('docs/systems.md'), 'utf8');

/** The rows of the tables, their cells without blanks around them. */
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| '))
  .map(line => line.split('|').map(cell => cell.trim()));

it.each(Object.keys(RECIPES))('the page tells of the recipe %s, with a source', id => {
  const label = new RegExp(`value="${id}">([^<]+)<`).exec(form)?.[1] ?? '';
  const row = rows.find(([, system = '']) => system.startsWith(label));
  expect(row, label).toBeDefined();
  expect(row?.at(-2)).toMatch(/\]\(https:\/\//);
  expect(row?.at(-3)).toMatch(/played/);
});
