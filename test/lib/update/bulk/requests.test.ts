import { expect, test } from 'vitest';
import type { Answer } from '../../../../lib/outcome/answer';
import type { ReadContext } from '../../../../lib/update/context';
import { BulkTally } from '../../../../lib/update/bulk/bulk-tally';
import { Requests } from '../../../../lib/update/bulk/requests';
import { abortedFault } from '../../../../lib/transport/fault';
import type { SendOptions } from '../../../../lib/transport/transport';
import { BulkEngine } from '../../../support/bulk-engine';

/** Requests whose every answer has these headers. */
function requests(limit: number, parallel: number | undefined, headers: Answer['headers'] = {}) {
  const { context } = new BulkEngine('http://127.0.0.1:9');
  const answer: Answer = {
    kind: 'answer',
    status: 200,
    headers,
    text: '',
    json: undefined,
    roundTripMs: 1,
  };
  const send = () => Promise.resolve(answer);
  const transport = {
    ...context.transport,
    traffic: { limit },
    read: send,
    write: send,
  } as unknown as ReadContext['transport'];
  return new Requests(
    { ...context, transport },
    context.kill,
    new BulkTally(context.time),
    parallel,
  );
}

const REQUEST = { method: 'GET', url: 'http://127.0.0.1:9/x', headers: {} } as const;

test.each([
  [100, undefined, 4],
  [3, undefined, 3],
  [100, 7, 7],
  [2, 7, 2],
])('of the endpoint %s, of the node %s: %s at a time', (limit, parallel, most) => {
  expect(requests(limit, parallel).limit()).toBe(most);
});

test('each for one record: as many as the endpoint allows', () => {
  const alone = requests(100, undefined);
  alone.isAlone = true;
  expect(alone.limit()).toBe(100);
});

test.each([
  ['2', 2],
  ['0', 4],
  ['-1', 4],
  ['2.5', 4],
  ['many', 4],
  ['100000', 4],
])('with the hint %s of the API: %s', async (hint, most) => {
  const hinted = requests(100, undefined, { 'x-ms-dop-hint': hint });
  await hinted.read(REQUEST);
  expect(hinted.limit()).toBe(most);
});

test.each([
  ['a read', 'read', 'GET', false, 'read', 'stop'],
  ['a read by POST', 'read', 'POST', false, 'read', 'stop'],
  ['a read by POST that needs the token of a session', 'read', 'POST', true, 'write', 'stop'],
  ['a write, which has its time once it has left,', 'write', 'POST', true, 'write', 'kill'],
] as const)('%s ends when it has to', async (_name, kind, method, needsCsrfToken, as, by) => {
  const { context } = new BulkEngine('http://127.0.0.1:9');
  const sent: { readonly as: string; readonly signal: AbortSignal | undefined }[] = [];
  const sending = (name: string) => (_request: unknown, options: SendOptions) => {
    sent.push({ as: name, signal: options.signal });
    return Promise.resolve(abortedFault(true));
  };
  const transport = { traffic: { limit: 4 }, read: sending('read'), write: sending('write') };
  const family = { ...context.family, needsCsrfToken };
  const parts = { ...context, family, transport: transport as unknown as ReadContext['transport'] };
  const all = new Requests(parts, context.kill, new BulkTally(context.time), undefined);
  await all[kind]({ ...REQUEST, method });
  expect(sent).toEqual([{ as, signal: context[by] }]);
  expect(sent[0]?.signal).toBe(context[by]);
});
