import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  flowsOf,
  loadExamples,
  patient,
  readExpectations,
} from '../../../scripts/lib/examples.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { readManifest } from '../../../scripts/lib/root.mjs';
import { runExamples } from '../../../scripts/lib/run-examples.mjs';
import type { ExampleResult } from '../../../scripts/lib/run-examples.mjs';
import { startWithPackage } from '../../support/node-red';

const OWN_TYPES = Object.keys(readManifest()['node-red'].nodes);
const CORE_TYPES = [
  ...['tab', 'group', 'comment', 'junction', 'inject', 'debug', 'catch', 'complete', 'status'],
  ...['change', 'switch', 'function', 'delay', 'link in', 'link out', 'link call', 'range'],
  ...['template', 'trigger', 'split', 'join', 'batch', 'sort', 'csv'],
  ...['http in', 'http response', 'http request'],
];

const examples = loadExamples(inject('packageDir'));

it('has an expectation for every example and an example for every expectation', () => {
  expect(examples.length).toBeGreaterThan(0);
  expect(Object.keys(readExpectations()).sort()).toEqual(examples.map(({ name }) => name).sort());
});

describe.each(examples.map(example => [example.name, example] as const))(
  '%s',
  (_name, { nodes }) => {
    it('needs no other package', () => {
      const known = [...OWN_TYPES, ...CORE_TYPES];
      expect(nodes.map(node => node.type).filter(type => !known.includes(type))).toEqual([]);
    });

    it('starts with a comment and can be started by hand', () => {
      const onTab = nodes.filter(node => node.z && node.type !== 'group').map(node => node.type);
      expect(onTab[0]).toBe('comment');
      expect(onTab).toContain('inject');
    });

    it('names every debug node, for what arrives there is told by name', () => {
      const nameless = nodes.filter(node => node.type === 'debug' && !node.name);
      expect(nameless).toEqual([]);
    });

    it('holds no credentials', () => {
      expect(nodes.filter(node => 'credentials' in node)).toEqual([]);
    });
  },
);

describe('on Node-RED 4.1', () => {
  let nodeRed: NodeRed | undefined;
  let results: ExampleResult[] = [];

  beforeAll(async () => {
    nodeRed = await startWithPackage({ flows: flowsOf(patient(examples)) });
    results = await runExamples(nodeRed, examples);
  });
  afterAll(() => nodeRed?.close());

  it('runs every example', () => {
    expect(results).toHaveLength(examples.length);
    expect(results.length).toBeGreaterThan(0);
  });

  it.each(examples.map(example => example.name))('shows what is expected of %s', name => {
    expect(results.find(result => result.example === name)?.faults).toEqual([]);
  });
});
