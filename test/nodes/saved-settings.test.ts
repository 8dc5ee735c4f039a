// What an earlier version has saved means what it meant then, whether or not somebody opens its dialog.
import { describe, expect, it } from 'vitest';
import type { Fields, Saved } from '../../nodes/shared/fields';
import { complete, faultIn } from '../../nodes/shared/saved';
import { flowsOf, loadExamples, type Example } from '../../scripts/lib/examples.mjs';
import { storedFlows, STORED_VERSIONS } from '../../scripts/lib/stored-flows.mjs';
import { FIELD_TABLES } from '../support/field-tables';

/** What Node-RED itself keeps of a node. */
const NODE_RED_OWN = ['id', 'type', 'z', 'g', 'x', 'y', 'wires'];

const STORED = STORED_VERSIONS.flatMap(version => own(version, storedFlows(version)));
const EXAMPLES = own('the examples', loadExamples());

function own(version: string, flows: readonly Example[]) {
  return flowsOf(flows).flatMap(node => {
    const fields = FIELD_TABLES[node.type];
    return fields === undefined ? [] : [{ version, type: node.type, node, fields }];
  });
}

it.each(Object.entries(FIELD_TABLES))('%s has as many versions as steps', (_, fields) => {
  const { configVersion } = fields;
  if (configVersion === undefined) return;
  expect(configVersion).toMatchObject({ kind: 'version', value: expect.any(Number) });
  expect(configVersion.kind === 'version' && configVersion.steps).toHaveLength(
    Number(configVersion.value),
  );
});

it('there is a stored node of every type', () => {
  const types = new Set(STORED.map(({ type }) => type));
  expect(Object.keys(FIELD_TABLES).filter(type => !types.has(type))).toEqual([]);
});

describe.each([...STORED, ...EXAMPLES])('$type saved by $version', ({ node, fields }) => {
  it('is taken, with every property that it has', () => {
    expect(faultIn(fields, node)).toBeUndefined();
    const config: Saved = complete(fields, node);
    expect(config).toMatchObject(node);
    expect(config.configVersion).toBe(fields.configVersion?.value);
  });

  it('has no property that nobody knows any more', () => {
    const known = [...NODE_RED_OWN, ...Object.keys(fields)];
    expect(Object.keys(node).filter(name => !known.includes(name))).toEqual([]);
  });
});

describe('record-endpoint', () => {
  const { 'record-endpoint': fields = {} } = FIELD_TABLES;
  const config = (saved: Saved): Saved => complete(fields, saved);

  it('version 0 put the client secret in the form', () => {
    expect(config({ auth: 'oauth2' })).toMatchObject({ clientAuth: 'body', configVersion: 1 });
    expect(config({ auth: 'basic' })).toMatchObject({ clientAuth: 'basic' });
  });

  it('version 0 put idempotency keys in quotes', () => {
    const saved = { idempotencyHeader: 'Idempotency-Key' };
    expect(config(saved)).toMatchObject({ idempotencyKey: 'quoted' });
    expect(config({ idempotencyHeader: '' })).toMatchObject({ idempotencyKey: 'bare' });
  });

  it('keeps what was chosen when there was a choice, but no version yet', () => {
    const chosen = {
      auth: 'oauth2',
      clientAuth: 'basic',
      idempotencyHeader: 'X',
      idempotencyKey: 'bare',
    };
    expect(config(chosen)).toMatchObject(chosen);
  });

  it('version 1 has the defaults of its dialog', () => {
    const saved = { configVersion: 1, auth: 'oauth2', idempotencyHeader: 'X' };
    expect(config(saved)).toMatchObject({ clientAuth: 'basic', idempotencyKey: 'bare' });
  });
});

describe('a node whose settings have changed twice', () => {
  const FIELDS = {
    configVersion: {
      kind: 'version',
      value: 2,
      steps: [
        // `seconds` came to be `wait`.
        ({ seconds, ...rest }) => ({ wait: seconds, ...rest }),
        // `wait` came to be milliseconds.
        ({ wait, ...rest }) => ({ ...rest, wait: Number(wait) * 1000 }),
      ],
    },
    wait: { kind: 'number', value: 500, min: 0, max: 60_000 },
    mode: { kind: 'choice', value: 'once', options: ['once', 'often'] },
  } as const satisfies Fields;

  it.each([
    ['version 0', { seconds: 3, mode: 'often' }],
    ['version 1', { configVersion: 1, wait: 3, mode: 'often' }],
    ['version 1, as a dialog saves it', { configVersion: '1', wait: 3, mode: 'often' }],
    ['version 2', { configVersion: 2, wait: 3000, mode: 'often' }],
  ])('%s goes the steps that are left, in their order', (_, saved) => {
    const wanted = { wait: 3000, mode: 'often' };
    expect(complete(FIELDS, saved)).toMatchObject(wanted);
    expect(faultIn(FIELDS, saved)).toBeUndefined();
  });

  it('leaves the saved node as it is', () => {
    const saved = Object.freeze({ seconds: 3 });
    complete(FIELDS, saved);
    expect(saved).toEqual({ seconds: 3 });
  });

  it('a later version is refused where there has been none, too', () => {
    const { 'conflict-switch': fields = {} } = FIELD_TABLES;
    expect(faultIn(fields, { configVersion: 1 })).toMatchObject({ code: 'SETTINGS_NEWER' });
    expect(faultIn(fields, { configVersion: 'x' })).toBeUndefined();
  });

  it('a later version of the package is refused, whatever else it says', () => {
    const fault = faultIn(FIELDS, { configVersion: 3, wait: 'a while' });
    expect(fault).toMatchObject({ code: 'SETTINGS_NEWER' });
    expect(fault?.message).toContain('version 3');
  });
});
