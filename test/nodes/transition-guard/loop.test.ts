import { describe, expect, it } from 'vitest';
import { useNodeRed } from '../../support/flow-runtime';
import { AT, COUNTER, guarded, message, snapshot, URL } from './guarded';

useNodeRed();

describe('in a wired loop', () => {
  const HOLD = { openRule: 'any', openByField: 'openedBy', whenOpen: 'retry' } as const;
  const COMPLETE = { status: 'Complete' };
  const opened = {
    record: snapshot({ status: 'In Progress', openedBy: 'ann' }),
    payload: COMPLETE,
  };
  const BASE = { snapshot: snapshot({ status: 'In Progress' }), changesHash: 'h' };
  const PENDING = { versionSent: '"v0"', seenUnmoved: false, changesHash: 'h' };
  const RETRY = {
    outcome: 'retry',
    cause: 'noise',
    key: 'WO-1',
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    verified: true,
    base: BASE,
  } as const;

  it('a record that is open is tried again', async () => {
    const { at, msg, flow } = await guarded({ ...opened }, HOLD);
    expect(at).toBe('refused');
    expect(msg.update).toMatchObject({
      outcome: 'retry',
      cause: 'busy',
      refused: { reason: 'busy', openedBy: 'ann' },
    });
    expect(msg.update).not.toHaveProperty('base');
    expect(msg.guard).toMatchObject({ from: 'In Progress', to: 'Complete' });
    await flow.shows('guard', 'transition-guard.status.retry');
  });

  it('what the pass before left stays while the record is open', async () => {
    const { msg } = await guarded({ ...opened, update: { ...RETRY, pending: PENDING } }, HOLD);
    expect(msg.update).toMatchObject({ cause: 'busy', base: BASE, pending: PENDING });
  });

  it('the decision stays the first one: a state set meanwhile is never overwritten', async () => {
    const { msg, flow } = await guarded(
      {
        ...opened,
        payload: { status: 'In Progress' },
        record: snapshot({ status: 'On Hold', openedBy: 'ann' }),
      },
      HOLD,
    );
    const rework = snapshot({ status: 'Rework', openedBy: null });
    const second = await flow.pass('guard', { ...msg, record: rework });
    expect(second.at).toBe('refused');
    expect(second.msg.update).toMatchObject({
      outcome: 'invalid-state',
      error: { code: 'STATE_MOVED' },
      refused: { from: 'Rework', decidedOn: 'On Hold' },
      conflict: {
        fields: [{ name: 'status', base: 'On Hold', ours: 'In Progress', theirs: 'Rework' }],
      },
    });
    expect(second.msg).not.toHaveProperty('guard');
    expect(second.msg.update).not.toHaveProperty('base');
  });

  it('the event keeps its time', async () => {
    const event = { at: AT };
    const { msg, flow } = await guarded({ ...opened, event }, HOLD);
    const free = snapshot({ status: 'In Progress', openedBy: null });
    const next = await flow.pass('guard', { ...msg, event: { at: Date.now() }, record: free });
    expect(next.at).toBe('allowed');
    expect(next.msg.guard?.eventAt).toBe(AT);
  });

  it.each([
    ['record', { record: { ...snapshot({ status: 'On Hold', openedBy: '' }), url: `${URL}0` } }],
    ['target', { payload: { status: 'In Progress' } }],
    ['update that has ended', { update: { ...RETRY, outcome: 'updated' } as const }],
  ])('a guard of another %s is none', async (_, extra) => {
    const { msg, flow } = await guarded({ ...opened }, HOLD);
    const next = await flow.pass('guard', {
      ...msg,
      record: snapshot({ status: 'On Hold', openedBy: '' }),
      ...extra,
    });
    expect(next.msg.update?.error?.code).not.toBe('STATE_MOVED');
  });

  it('a guard that is none is a fault', async () => {
    const msg = { ...opened, update: RETRY, guard: { from: 'In Progress' } as never };
    const { at, msg: out } = await guarded(msg);
    expect(at).toBe('caught');
    expect(out.error?.code).toBe('GUARD_INVALID');
  });

  it('no guard is left behind where it is null, as a change node may set it', async () => {
    const { at, msg } = await guarded({ ...opened, update: RETRY, guard: null as never });
    expect([at, msg.guard?.from]).toEqual(['allowed', 'In Progress']);
  });

  it('a refusal while a write is in doubt is uncertain', async () => {
    const msg = message('Closed', 'Complete', { update: { ...RETRY, pending: PENDING } });
    const { at, msg: out } = await guarded({ ...msg, retry: { ...COUNTER } });
    expect(at).toBe('refused');
    expect(out.update).toMatchObject({
      outcome: 'uncertain',
      verified: false,
      refused: { reason: 'invalid-transition' },
    });
    expect(out).not.toHaveProperty('retry');
  });

  it('a write in doubt starts no steps', async () => {
    const msg = message('Released', 'Complete', { update: { ...RETRY, pending: PENDING } });
    const { at, msg: out } = await guarded(msg, { steps: true });
    expect(at).toBe('refused');
    expect(out.update?.outcome).toBe('uncertain');
  });
});
