import { describe, expect, it } from 'vitest';
import type { MachineState } from '../../../lib/lifecycle/machine';
import type { TransitionGuardConfig } from '../../../nodes/transition-guard/config';
import { Flow, useNodeRed, type Msg } from '../../support/flow-runtime';
import { guarded, message, nodes, snapshot, URL } from './guarded';

useNodeRed();

describe('a fault of the flow goes to the Catch node', () => {
  const RECORD = snapshot({ status: 'In Progress' });
  const PAYLOAD = { status: 'Complete' };
  const MINUTES = 60_000;

  it.each<[string, string, unknown]>([
    ['RECORD_MISSING', 'etag-fetch', { payload: PAYLOAD }],
    ['RECORD_MISSING', 'msg.record', { payload: PAYLOAD, record: { key: 'WO-1', url: URL } }],
    ['CHANGES_INVALID', 'msg.payload', { record: RECORD, payload: 'Complete' }],
    ['CHANGES_INVALID', 'Changes', { record: RECORD, payload: ['Complete'] }],
    ['TARGET_INVALID', 'msg.payload.status is not there', { record: RECORD, payload: {} }],
    ['TARGET_INVALID', 'neither text nor', { record: RECORD, payload: { status: null } }],
    ['TARGET_INVALID', 'neither text nor', { record: RECORD, payload: { status: ['Complete'] } }],
    ['EVENT_TIME_INVALID', 'ISO 8601', { record: RECORD, payload: PAYLOAD, event: { at: 'now' } }],
    [
      'EVENT_TIME_INVALID',
      'with a zone',
      { record: RECORD, payload: PAYLOAD, event: { at: '2025-02-08T14:00:00' } },
    ],
    ['EVENT_TIME_INVALID', 'Event time', { record: RECORD, payload: PAYLOAD, event: { at: '' } }],
    [
      'EVENT_IN_FUTURE',
      '90 minutes ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: Date.now() + 90 * MINUTES } },
    ],
    [
      'EVENT_IN_FUTURE',
      '5 hours ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: new Date(Date.now() + 300 * MINUTES) } },
    ],
    [
      'EVENT_IN_FUTURE',
      '30 days ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: Date.now() + 30 * 24 * 60 * MINUTES } },
    ],
  ])('%s: %s', async (code, words, msg) => {
    const { at, msg: out, flow } = await guarded(msg as Msg);
    expect(at).toBe('caught');
    expect(out.error?.code).toBe(code);
    expect(out.error?.message).toContain(words);
    expect(out).toMatchObject(msg as Msg);
    expect(out).not.toHaveProperty('update');
    expect(flow.completionsOf('guard')).toHaveLength(1);
    await flow.shows('guard', 'transition-guard.status.error');
  });

  it('a clock that is a little ahead is none', async () => {
    const event = { at: Date.now() + 4 * MINUTES };
    expect((await guarded(message('In Progress', 'Complete', { event }))).at).toBe('allowed');
  });

  it.each([{}, { event: {} }, { event: { at: null } }])(
    'no event time is none, where the dialog was left as it is: %j',
    async extra => {
      expect((await guarded(message('In Progress', 'Complete', extra))).at).toBe('allowed');
    },
  );

  it('no event time is one where the dialog names a place of its own', async () => {
    const { msg } = await guarded(message('In Progress', 'Complete'), { eventTime: 'at' });
    expect(msg.error?.code).toBe('EVENT_TIME_INVALID');
  });

  it('no event time is one where late events are to be told', async () => {
    const { at, msg } = await guarded(message('In Progress', 'Complete'), {
      sinceField: 'statusSince',
    });
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe('EVENT_TIME_INVALID');
  });

  it('the event time may be left out', async () => {
    const msg = message('In Progress', 'Complete', { event: { at: 'nonsense' } });
    expect((await guarded(msg, { eventTime: '' })).at).toBe('allowed');
  });

  it('the event time may be an expression', async () => {
    const msg = message('In Progress', 'Complete', { seconds: 1_739_023_200 });
    const config = { eventTime: 'seconds * 1000', eventTimeType: 'jsonata' } as const;
    expect((await guarded(msg, config)).msg.guard?.eventAt).toBe('2025-02-08T14:00:00.000Z');
  });

  it.each<[string, string, Partial<TransitionGuardConfig>]>([
    ['FIELD_MISSING', 'Status field', { field: ' ' }],
    ['FIELD_MISSING', 'Opened by field', { openRule: 'any' }],
    ['FIELD_MISSING', 'Our name', { openRule: 'other', openByField: 'openedBy' }],
    ['FIELD_MISSING', 'Opened at field', { openRule: 'newer', openByField: 'openedBy' }],
    [
      'NUMBER_INVALID',
      'Minutes',
      { openRule: 'newer', openAtField: 'openedAt', openMinutes: '${MINUTES}' },
    ],
    ['PROPERTY_INVALID', 'a b', { guard: 'a b' }],
    ['PROPERTY_INVALID', 'payload.status', { result: 'payload.status.update' }],
  ])('%s in the dialog: %s', async (code, words, config) => {
    const { at, msg } = await guarded(message('In Progress', 'Complete'), config);
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe(code);
    expect(msg.error?.message).toContain(words);
  });

  it.each<[string, unknown]>([
    ['States: no states', []],
    ['States: there is no list', null],
    ['row 1: a state must be an object', [null]],
    ['row 1, "Released": leads to "Started", which', [{ name: 'Released', next: ['Started'] }]],
  ])('a table that cannot be used shows at once: %s', async (words, states) => {
    const flow = await Flow.start(nodes({ states: states as MachineState[] }));
    await flow.shows('guard', 'transition-guard.status.table');
    const { at, msg } = await flow.pass('guard', message('Released', 'Cancelled'));
    expect(at).toBe('caught');
    expect(msg.error).toMatchObject({ code: 'MACHINE_INVALID' });
    expect(msg.error?.message).toContain(words);
  });
});
