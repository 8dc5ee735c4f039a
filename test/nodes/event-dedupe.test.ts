import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type { EventDedupeConfig } from '../../nodes/event-dedupe/config';
import { catcher, dedupeNode, inboxes, storeNode, type FlowNode } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(4);
/** It ends when a test says so. Seconds. */
const CLAIM = 120;
const claimsEnd = (): void => clock.pass(CLAIM * 1_000);

/** What the nodes write into an event, besides what the machine put there. */
type EventOf = Record<string, unknown> & { readonly token?: string };

const eventOf = (msg: Msg): EventOf => msg.event as EventOf;

function nodes(check: Partial<EventDedupeConfig> = {}): FlowNode[] {
  return [
    storeNode({ keep: 'memory' }),
    dedupeNode('check', [['first'], ['duplicate']], check),
    dedupeNode('confirm', [['done']], { action: 'confirm' }),
    dedupeNode('forget', [['done']], { action: 'forget' }),
    ...inboxes('first', 'duplicate', 'done'),
    ...catcher(),
  ];
}

const deploy = (check: Partial<EventDedupeConfig> = {}, more: readonly FlowNode[] = []) =>
  Flow.start([...nodes(check), ...more]);

const machineEvent = (id: unknown, more: object = {}): Msg => ({
  event: { id, machine: 'M-3', signal: 'cycle complete', ...more },
});

describe('check', () => {
  it('sends the first to port 1 with a claim and leaves the rest of the event alone', async () => {
    const flow = await deploy();
    const sent = machineEvent('E-1');
    const { at, msg } = await flow.pass('check', { ...sent, payload: 'as it was' });
    expect(at).toBe('first');
    expect(msg).toMatchObject({ payload: 'as it was', event: sent.event as object });
    expect(eventOf(msg)).toMatchObject({ token: expect.any(String), windowMs: 86_400_000 });
    expect(JSON.parse(JSON.stringify(msg.event))).toEqual(msg.event);
    expect(sent.event).toEqual({ id: 'E-1', machine: 'M-3', signal: 'cycle complete' });
    await flow.shows('check', 'event-dedupe.status.first');
  });

  it('sends a duplicate of a claim to port 2 as pending, without the right to process it', async () => {
    const flow = await deploy();
    const before = Date.now();
    const first = await flow.pass('check', machineEvent('E-1'));
    const { at, msg } = await flow.pass('check', machineEvent('E-1', { attempt: 2 }));
    expect([first.at, at]).toEqual(['first', 'duplicate']);
    expect(msg.event).toMatchObject({ id: 'E-1', attempt: 2, pending: true, duplicateBy: 'id' });
    expect(msg.event).not.toHaveProperty('token');
    const seenAt = Date.parse(String(eventOf(msg).firstSeenAt));
    // The store's own clock may be a millisecond off.
    expect(seenAt).toBeGreaterThanOrEqual(before - 2);
    expect(seenAt).toBeLessThanOrEqual(Date.now() + 2);
    await flow.shows('check', 'event-dedupe.status.pending');
  });

  it('a duplicate of a confirmed event is not pending', async () => {
    const flow = await deploy();
    const { msg } = await flow.pass('check', machineEvent('E-1'));
    await flow.pass('confirm', msg);
    const again = await flow.pass('check', machineEvent('E-1'));
    expect(again.at).toBe('duplicate');
    expect(again.msg.event).toMatchObject({ pending: false, duplicateBy: 'id' });
    await flow.shows('check', 'event-dedupe.status.duplicate');
  });

  it('lets only one of many at the same time through', async () => {
    const flow = await deploy();
    for (let n = 0; n < 20; n++) flow.send('check', machineEvent('E-1'));
    await flow.count('duplicate', 19);
    expect(flow.inbox('first')).toHaveLength(1);
  });

  it('a duplicate that is checked again carries nothing of the check before', async () => {
    const flow = await deploy();
    const first = await flow.pass('check', machineEvent('E-1'));
    const duplicate = await flow.pass('check', machineEvent('E-1'));
    await flow.pass('forget', first.msg);
    const { at, msg } = await flow.pass('check', duplicate.msg);
    expect(at).toBe('first');
    for (const name of ['pending', 'firstSeenAt', 'duplicateBy']) {
      expect(msg.event).not.toHaveProperty(name);
    }
  });

  it('lets an event come again when its claim has ended, however often it was repeated before', async () => {
    const flow = await deploy({ claim: CLAIM });
    await flow.pass('check', machineEvent('E-1'));
    for (let times = 0; times < 3; times++) {
      expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('duplicate');
    }
    claimsEnd();
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('first');
  });

  it('lets an event come again when its window is over', async () => {
    const flow = await deploy({ window: '120', windowUnit: 'seconds' });
    await flow.pass('confirm', (await flow.pass('check', machineEvent('E-1'))).msg);
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('duplicate');
    clock.pass(120_000);
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('first');
  });

  it('takes a number for the text of its digits and leaves it a number in the event', async () => {
    const flow = await deploy();
    const first = await flow.pass('check', machineEvent(4711));
    expect(eventOf(first.msg).id).toBe(4711);
    expect((await flow.pass('check', machineEvent('4711'))).at).toBe('duplicate');
    const done = await flow.pass('confirm', first.msg);
    expect(done.msg.event).toMatchObject({ id: 4711, confirmed: true });
  });

  it('makes an event where there is none, and keeps an id that is not the one checked', async () => {
    const flow = await deploy({
      eventId: 'machine & ":" & (event.id ? event.id : "0")',
      eventIdType: 'jsonata',
    });
    const none = await flow.pass('check', { machine: 'M-3' });
    expect(eventOf(none.msg)).toMatchObject({ id: 'M-3:0', token: expect.any(String) });
    const own = await flow.pass('check', { machine: 'M-3', event: { id: 7 } });
    expect(own.msg.event).toMatchObject({ id: 7, claimId: 'M-3:7' });
    expect((await flow.pass('confirm', own.msg)).msg.event).toMatchObject({ confirmed: true });
    const again = await flow.pass('check', { machine: 'M-3', event: { id: 7 } });
    expect([again.at, eventOf(again.msg).pending]).toEqual(['duplicate', false]);
  });
});

describe('bad input', () => {
  it.each([
    ['no id', undefined, 'EVENT_ID_MISSING'],
    ['null', null, 'EVENT_ID_MISSING'],
    ['blank text', '  ', 'EVENT_ID_MISSING'],
    ['an array', ['E-1'], 'EVENT_ID_INVALID'],
    ['an object', { value: 'E-1' }, 'EVENT_ID_INVALID'],
    ['true', true, 'EVENT_ID_INVALID'],
    ['not a number', Number.NaN, 'EVENT_ID_INVALID'],
    ['more digits than a number holds', 2 ** 53, 'EVENT_ID_INVALID'],
    ['513 characters', 'x'.repeat(513), 'EVENT_ID_INVALID'],
  ])('%s as id is an error, never a duplicate', async (_name, id, code) => {
    const flow = await deploy();
    for (let n = 0; n < 2; n++) {
      const { at, msg } = await flow.pass('check', machineEvent(id));
      expect([at, msg.error?.code]).toEqual(['caught', code]);
      expect(msg.error?.message).toContain('Event id');
      expect(msg.error?.message).toContain('in the dialog');
    }
    await flow.shows('check', 'event-dedupe.status.error');
  });

  it.each([
    ['text', 'stop'],
    ['a number', 7],
    ['an array', [{ id: 'E-1' }]],
  ])('%s in the place of the event is an error that leaves it there', async (_name, event) => {
    const flow = await deploy({ eventId: 'payload.id' });
    const { at, msg } = await flow.pass('check', { payload: { id: 'E-1' }, event });
    expect([at, msg.error?.code]).toEqual(['caught', 'EVENT_PLACE_INVALID']);
    expect(msg.error?.message).toContain('Event');
    expect(msg.event).toEqual(event);
    expect((await flow.pass('check', { payload: { id: 'E-1' } })).at).toBe('first');
  });

  it.each([
    ['Remember for', { window: 'long' }],
    ['Remember for', { window: 0 }],
    ['A claim ends after', { claim: '' }],
    ['Within', { same: true, sameWindow: -1 }],
  ])('%s that is no usable number is an error: %j', async (label, config) => {
    const flow = await deploy(config);
    const { at, msg } = await flow.pass('check', machineEvent('E-1'));
    expect([at, msg.error?.code]).toEqual(['caught', 'NUMBER_INVALID']);
    expect(msg.error?.message).toContain(label);
  });

  it.each([
    ['no store', { store: '' }],
    ['a store that is not deployed', { store: 'gone' }],
    ['a node that is no store', { store: 'confirm' }],
  ])('%s is an error that names the field', async (_name, config) => {
    const flow = await deploy(config);
    const { at, msg } = await flow.pass('check', machineEvent('E-1'));
    expect([at, msg.error?.code]).toEqual(['caught', 'STORE_MISSING']);
    expect(msg.error?.message).toContain('under Store');
  });
});

describe('confirm and forget', () => {
  it('confirm takes the claim off the event and says that it is confirmed', async () => {
    const flow = await deploy();
    const { msg } = await flow.pass('check', machineEvent('E-1'));
    const done = await flow.pass('confirm', { ...msg, update: { outcome: 'updated' } as never });
    expect(done.msg).toMatchObject({
      update: { outcome: 'updated' },
      event: { id: 'E-1', machine: 'M-3', confirmed: true },
    });
    for (const name of ['token', 'saved']) expect(done.msg.event).not.toHaveProperty(name);
    await flow.shows('confirm', 'event-dedupe.status.confirmed');
  });

  it('forget lets the event come again at once', async () => {
    const flow = await deploy();
    const { msg } = await flow.pass('check', machineEvent('E-1'));
    const done = await flow.pass('forget', msg);
    expect(done.msg.event).toMatchObject({ id: 'E-1', machine: 'M-3' });
    expect(done.msg.event).not.toHaveProperty('token');
    await flow.shows('forget', 'event-dedupe.status.forgotten');
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('first');
  });

  it('several messages with one claim confirm it one after the other, without a warning', async () => {
    const flow = await deploy();
    const { msg } = await flow.pass('check', machineEvent('E-1'));
    for (let step = 0; step < 3; step++) {
      const done = await flow.pass('confirm', { ...msg });
      expect(done.msg.event).toMatchObject({ confirmed: true });
    }
    expect(flow.warnings.filter(line => line.includes('"E-1"'))).toEqual([]);
    const shown = flow.statuses.filter(({ id }) => id === 'confirm');
    expect(shown.map(({ status }) => status.text)).not.toContain('event-dedupe.status.late');
  });

  it('confirm after the claim has ended remembers the event and says that it came late', async () => {
    const flow = await deploy({ claim: CLAIM });
    const { msg } = await flow.pass('check', machineEvent('E-1'));
    claimsEnd();
    const done = await flow.pass('confirm', msg);
    expect(done.msg.event).toMatchObject({ confirmed: true });
    await flow.shows('confirm', 'event-dedupe.status.late');
    expect(flow.warnings.filter(line => line.includes('"E-1"'))).toHaveLength(1);
    const again = await flow.pass('check', machineEvent('E-1'));
    expect([again.at, eventOf(again.msg).pending]).toEqual(['duplicate', false]);
  });

  it('forget with an old token does not free the event of somebody else', async () => {
    const flow = await deploy({ claim: CLAIM });
    const old = await flow.pass('check', machineEvent('E-1'));
    claimsEnd();
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('first');
    await flow.pass('forget', old.msg);
    await flow.shows('forget', 'event-dedupe.status.late');
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('duplicate');
  });

  it.each(['confirm', 'forget'])('%s of a message without a claim is an error', async id => {
    const flow = await deploy();
    await flow.pass('check', machineEvent('E-1'));
    const duplicate = await flow.pass('check', machineEvent('E-1'));
    const made = machineEvent('E-1', { token: 5, windowMs: 1 });
    for (const sent of [duplicate.msg, machineEvent('E-1'), made, {}]) {
      const { at, msg } = await flow.pass(id, sent);
      expect([at, msg.error?.code]).toEqual(['caught', 'CLAIM_MISSING']);
      expect(msg.error?.message).toContain('msg.event');
    }
    expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('duplicate');
  });

  it('forget takes a message that a Catch node brings', async () => {
    const failing = dedupeNode('failing', [[], []], { store: 'gone' });
    const flow = await Flow.start([
      storeNode({ keep: 'memory' }),
      dedupeNode('check', [['failing'], ['duplicate']]),
      failing,
      dedupeNode('forget', [['done']], { action: 'forget' }),
      ...inboxes('duplicate', 'done'),
      ...catcher(['forget']),
    ]);
    for (let n = 0; n < 2; n++) {
      const { msg } = await flow.pass('check', machineEvent('E-1'));
      expect(msg.error?.source.id).toBe('failing');
      expect(msg.event).not.toHaveProperty('token');
    }
    expect(flow.inbox('duplicate')).toEqual([]);
  });

  it.each([
    ['without an id', machineEvent(undefined)],
    ['that is no object', { event: 'stop' }],
  ])('forget passes on what a Catch node brings %s: it was never claimed', async (_name, sent) => {
    const flow = await Flow.start([
      storeNode({ keep: 'memory' }),
      dedupeNode('check', [['done'], []]),
      dedupeNode('forget', [['done']], { action: 'forget' }),
      ...inboxes('done'),
      ...catcher(['forget']),
    ]);
    const { msg } = await flow.pass('check', sent);
    expect(msg.error?.source.id).toBe('check');
    await flow.shows('forget', 'event-dedupe.status.no-claim');
    expect(flow.inbox('done')).toHaveLength(1);
  });

  it('check and confirm in one: no claim is left, and what comes again is not pending', async () => {
    const flow = await deploy({ action: 'check-confirm', claim: 'not asked for' });
    const { at, msg } = await flow.pass('check', machineEvent('E-1'));
    expect(at).toBe('first');
    expect(msg.event).toMatchObject({ id: 'E-1', machine: 'M-3', confirmed: true });
    expect(msg.event).not.toHaveProperty('token');
    const again = await flow.pass('check', machineEvent('E-1'));
    expect([again.at, eventOf(again.msg).pending]).toEqual(['duplicate', false]);
  });
});

describe('the window for the same record and status', () => {
  const SAME = { same: true } as const;
  let count = 0;
  const to = (status: unknown, key: unknown = 'WO-1'): Msg => ({
    ...machineEvent(`E-${++count}`),
    key,
    payload: { status },
  });

  async function processed(flow: Flow, sent: Msg): Promise<string> {
    const { at, msg } = await flow.pass('check', sent);
    if (at === 'first') await flow.pass('confirm', msg);
    return at;
  }

  it('is off unless chosen', async () => {
    const flow = await deploy();
    expect(await processed(flow, to('On Hold'))).toBe('first');
    expect(await processed(flow, to('On Hold'))).toBe('first');
  });

  it('takes another id with the same status for a duplicate, and says by what', async () => {
    const flow = await deploy(SAME);
    expect(await processed(flow, to('On Hold'))).toBe('first');
    const { at, msg } = await flow.pass('check', to('On Hold'));
    expect(at).toBe('duplicate');
    expect(msg.event).toMatchObject({ pending: false, duplicateBy: 'same-target' });
    expect(await processed(flow, to('On Hold', 'WO-2'))).toBe('first');
  });

  it('In Progress, On Hold, In Progress within the window are three events', async () => {
    const flow = await deploy(SAME);
    for (const status of ['In Progress', 'On Hold', 'In Progress']) {
      expect(await processed(flow, to(status))).toBe('first');
    }
    expect(await processed(flow, to('In Progress'))).toBe('duplicate');
  });

  it('an event that was forgotten does not stand in the way', async () => {
    const flow = await deploy(SAME);
    const { msg } = await flow.pass('check', to('On Hold'));
    await flow.pass('forget', msg);
    expect(await processed(flow, to('On Hold'))).toBe('first');
  });

  it('knows a record by its key however that is written', async () => {
    const flow = await deploy(SAME);
    const guid = '7f0d3a52-0c5e-4b6a-9a38-2f1f4a3c9d10';
    expect(await processed(flow, to('On Hold', { plant: 'P1', order: 7 }))).toBe('first');
    expect(await processed(flow, to('On Hold', { order: 7, plant: 'P1' }))).toBe('duplicate');
    expect(await processed(flow, to('On Hold', guid))).toBe('first');
    expect(await processed(flow, to('On Hold', guid.toUpperCase()))).toBe('duplicate');
  });

  it.each([
    ['no key', { key: undefined }, 'KEY_INVALID', 'key'],
    ['an array as key', { key: ['WO-1'] }, 'KEY_INVALID', 'key'],
    ['no status', { payload: {} }, 'TARGET_INVALID', 'Target status'],
    ['an object as status', { payload: { status: {} } }, 'TARGET_INVALID', 'Target status'],
  ])('%s is an error that claims nothing', async (_name, change, code, field) => {
    const flow = await deploy(SAME);
    const sent = to('On Hold');
    const { at, msg } = await flow.pass('check', { ...sent, ...change });
    expect([at, msg.error?.code]).toEqual(['caught', code]);
    expect(msg.error?.message).toContain(field);
    expect((await flow.pass('check', sent)).at).toBe('first');
  });
});

it('two nodes on one store see the same events, on two stores they do not', async () => {
  const flow = await deploy({}, [
    dedupeNode('second', [['first'], ['duplicate']]),
    storeNode({ keep: 'memory' }, 'other-store'),
    dedupeNode('other', [['first'], ['duplicate']], { store: 'other-store' }),
  ]);
  expect((await flow.pass('check', machineEvent('E-1'))).at).toBe('first');
  expect((await flow.pass('second', machineEvent('E-1'))).at).toBe('duplicate');
  expect((await flow.pass('other', machineEvent('E-1'))).at).toBe('first');
});

it.each(['check', 'check-confirm'] as const)(
  'an event of a %s that could not be passed on because its node stopped may come again',
  async action => {
    const second = dedupeNode('second', [['first'], ['duplicate']]);
    const flow = await deploy({ action }, [second]);
    flow.send('check', machineEvent('E-1'));
    await helper.getNode('check').close(false);
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe('STOPPED');
    expect(flow.inbox('first')).toEqual([]);
    expect((await flow.pass('second', machineEvent('E-1'))).at).toBe('first');
  },
);
