import { expect, it } from 'vitest';
import type { NodeAPI } from '../../nodes/shared/node-api';
import type { StatusName, TextKey, TextName } from '../../nodes/shared/text-key';
import { CATALOGUES, ENGLISH, singular, textsOf } from './package-parts';

/** What compiles, and, where a line says so, does not: the types of the tests are a check of `npm test`. */
const KEYS: readonly TextKey[] = [
  'etag-fetch.label.fields',
  'conflicts-sidebar.label.node',
  'shared.errors.missing',
  // Which plural form is meant, Node-RED finds.
  'record-endpoint.answer.pick-count',
  // @ts-expect-error: its form is none of its name
  'record-endpoint.answer.pick-count_one',
  // @ts-expect-error: no catalogue has it
  'etag-fetch.label.field',
  // @ts-expect-error: nor this group
  'etag-fetch.labels.fields',
];

const summary = (action: 'acquire' | 'release'): TextKey => `record-lock.label.summary-${action}`;
// @ts-expect-error: there is no summary of "renew"
const unknown = (action: 'acquire' | 'renew'): TextKey => `record-lock.label.summary-${action}`;
// @ts-expect-error: it may be anything
const any = (name: string): TextKey => `record-lock.label.${name}`;

const STATUSES: readonly StatusName[] = [
  'reading',
  // @ts-expect-error: no node has it
  'pondering',
];

const WARNINGS: readonly TextName<'record-store.warn'>[] = [
  'no-user-dir',
  // @ts-expect-error: it is of another group
  'connected',
];

/** As a node calls it. */
function asked(RED: Pick<NodeAPI, '_'>): string[] {
  return [
    RED._('shared.status.practice'),
    // @ts-expect-error: no catalogue has it
    RED._('shared.status.theory'),
  ];
}

it('the catalogues have the keys that compile, and none of the others', () => {
  const known = new Set(
    CATALOGUES.flatMap(file => [...textsOf(ENGLISH, file).keys()].map(singular)),
  );
  const has = (keys: readonly string[]): boolean[] => keys.map(key => known.has(key));
  expect(has(KEYS)).toEqual([true, true, true, true, false, false, false]);
  expect(has([summary('acquire'), unknown('renew'), any('no')])).toEqual([true, false, false]);
  expect(has(STATUSES.map(name => `etag-fetch.status.${name}`))).toEqual([true, false]);
  expect(has(WARNINGS.map(name => `record-store.warn.${name}`))).toEqual([true, false]);
  expect(has(asked({ _: key => key }))).toEqual([true, false]);
});
