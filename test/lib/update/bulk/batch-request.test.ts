import { expect, test } from 'vitest';
import type { BulkWrites } from '../../../../lib/api/bulk/bulk-api';
import { createFamily } from '../../../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../../../lib/api/settings';
import type { WireRequest } from '../../../../lib/transport/transport';
import { BatchRequests, type AskedWrite } from '../../../../lib/update/bulk/batch-request';

const family = createFamily('rest', DEFAULT_API_SETTINGS);

function asked(key: string, status: string, version = '"1"'): AskedWrite {
  const ref = family.locate('https://api.example', 'orders', key);
  const plan = {
    ref,
    changes: { status },
    precondition: { version },
    method: 'PATCH',
  } as const;
  const request: WireRequest = {
    method: 'PATCH',
    url: ref.url,
    headers: { 'If-Match': version, 'Idempotency-Key': `alone ${key}` },
    body: JSON.stringify({ status }),
  };
  const nothing = (): undefined => undefined;
  return { plan, request, sent: nothing, tell: nothing, fail: nothing };
}

/** Shows what it was asked for. */
const writes: BulkWrites = {
  most: 100,
  canGroup: false,
  request: (members, { boundary }) => ({
    method: 'POST',
    url: 'https://api.example/orders/bulk',
    headers: { boundary },
    body: JSON.stringify(members.map(({ request }) => request.headers)),
  }),
  answersIn: () => ({ kind: 'whole' }),
};

function requests(): BatchRequests {
  let keys = 0;
  return new BatchRequests(writes, {
    header: 'Idempotency-Key',
    newKey: () => `key ${String(++keys)}`,
  });
}

test('every other batch has a key and a boundary of its own, in whatever it differs', () => {
  const batches = requests();
  const different = [
    [asked('A', 'x'), asked('B', 'x')],
    [asked('A', 'x'), asked('B', 'y')],
    [asked('A', 'x'), asked('B', 'x', '"2"')],
    [asked('A', 'x'), asked('C', 'x')],
    [asked('A', 'x')],
    [asked('B', 'x'), asked('A', 'x')],
  ];
  const made = different.map(members => batches.requestFor(members, false).headers);
  expect(made.map(headers => headers['Idempotency-Key'])).toEqual(
    different.map((_, n) => `key ${String(n + 1)}`),
  );
  expect(new Set(made.map(({ boundary }) => boundary)).size).toBe(different.length);
});

test('the same batch again has the same key and the same bytes', () => {
  const batches = requests();
  const first = batches.requestFor([asked('A', 'x'), asked('B', 'x')], false);
  batches.requestFor([asked('A', 'y')], false);
  expect(batches.requestFor([asked('A', 'x'), asked('B', 'x')], false)).toEqual(first);
});

test('the keys of single requests stay out of it', () => {
  const { body } = requests().requestFor([asked('A', 'x')], false);
  expect(JSON.parse(body ?? '')).toEqual([{ 'If-Match': '"1"' }]);
});
