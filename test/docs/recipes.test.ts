import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';

const FOLDER = inRoot('docs/recipes');
const examples = loadExamples();

describe.each(readdirSync(FOLDER))('recipe %s', file => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
  const [, folder] = /\*\*Examples\*\*, `([\w-]+)`/.exec(text) ?? [];
  const [, main] = /\*\*Examples\*\*, `[\w-]+`, \*\*(.+?)\*\*/.exec(text) ?? [];

  it('names examples that there are', () => {
    const named = [...text.matchAll(/\*\*(\d\d - .+?)\*\*/g)].map(([, name]) => name);
    const found = examples.map(({ name }) => name);
    expect(named.filter(name => !found.includes(`${folder ?? ''}/${name ?? ''}`))).toEqual([]);
    expect(named).toContain(main);
  });

  it('names the nodes of its flow as the flow does', () => {
    const example = examples.find(({ name }) => name === `${folder ?? ''}/${main ?? ''}`);
    const names = new Set(example?.nodes.map(({ name }) => name));
    // A step of the chain: its node type, and the name it has in the flow.
    const steps = [...text.matchAll(/\*\*\d\. [\w-]+, (.+?)\*\*/g)].map(([, name]) => name);
    const outputs = [...text.matchAll(/^- _(.+?)_[,:]/gm)].map(([, name]) => name);
    const buttons = [...text.matchAll(/\*\*(ship order .+?)\*\*/g)].map(([, name]) => name);
    const said = [...steps, ...outputs, ...buttons].map(name => name?.replace(/\.$/, ''));
    expect(said).not.toHaveLength(0);
    expect(said.filter(name => !names.has(name))).toEqual([]);
  });
});
