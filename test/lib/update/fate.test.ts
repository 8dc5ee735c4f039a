// What is stored of a write before it leaves, so that whoever is given the update next can judge it.
import { describe, expect, test } from 'vitest';
import type { WriteFate } from '../../../lib/outcome/outcome';
import { updateRecord } from '../../../lib/update/loop';
import type { Computation } from '../../../lib/update/request';
import { Engine, type RequestPart } from '../../support/engine';
import {
  lost,
  preceded,
  startRecordApi,
  type RecordApi,
  type Step,
} from '../../support/engine-record';
import { mortal } from '../../support/mortal';

const STAMP = 'writtenBy';
const FORMER_TOKEN = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';

const ADD_ONE: Computation = {
  fields: ['stock'],
  hash: 'add 1',
  of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + 1 }),
};
const COMPUTED: RequestPart = { changes: undefined, computation: ADD_ONE };
const KEYS = { header: 'Idempotency-Key', newKey: (): string => 'key 1' };

let api: RecordApi;

async function start(): Promise<void> {
  const values = { status: 'Open', note: 'n0', stock: 5, [STAMP]: FORMER_TOKEN };
  api = await startRecordApi({ values });
}

/** By another hand, before the write. */
const noise: Step = preceded(() => {
  api.noise();
});

/** An engine that asks before each write. */
function asking(beforeWrite: (fate: WriteFate) => Promise<boolean>): Engine {
  return new Engine(api.url, { context: { beforeWrite, idempotency: KEYS } });
}

test('the fate of every write is told before it leaves, of the same bytes too', async () => {
  await start();
  api.writes.push(noise, 'reset');
  const told: unknown[] = [];
  const engine = asking(({ base, pending }) => {
    const { versionSent, seenUnmoved } = pending;
    told.push([api.written.length, base.snapshot.version, versionSent, seenUnmoved]);
    return Promise.resolve(true);
  });
  const { result } = await engine.update();
  expect(result.outcome).toBe('updated');
  expect(api.written).toHaveLength(3);
  expect(told).toEqual([
    [0, '"v1"', '"v1"', false],
    [1, '"v1"', '"v2"', false],
    [2, '"v1"', '"v2"', false],
  ]);
});

test.each<[string, RequestPart]>([
  ['given changes', {}],
  ['given changes with a stamp', { stamp: STAMP }],
  ['computed changes', COMPUTED],
  ['computed changes with a stamp', { ...COMPUTED, stamp: STAMP }],
  ['an action', { action: { name: 'finish', parameters: {} } }],
])('it is what a wired loop keeps of a write without an answer: %s', async (_name, part) => {
  await start();
  api.writes.push('reset');
  const fates: WriteFate[] = [];
  const engine = asking(fate => {
    fates.push(fate);
    return Promise.resolve(true);
  });
  const { base, pending } = (await engine.update({ ...part, mode: 'once' })).result;
  expect(pending?.idempotency?.key).toBe('key 1');
  expect(fates).toEqual([{ base, pending: { ...pending, seenUnmoved: false } }]);
});

test.each<[string, Step]>([
  ['already-applied', lost],
  ['uncertain', 'reset'],
])('a forced write is not forced twice: %s', async (outcome, step) => {
  await start();
  api.writes.push(step);
  const engine = new Engine(api.url);
  const { context, survivedBy } = mortal(engine.context, [true]);
  const forced = engine.request({ force: true });
  const { base, pending } = (await survivedBy(updateRecord(forced, context))).result;
  expect(pending?.versionSent).toBe('*');
  const { result } = await engine.update({ force: true, base, pending });
  expect(result.outcome).toBe(outcome);
  expect(api.written).toHaveLength(1);
});

describe('a write that must not leave', () => {
  const refuse = (): Promise<boolean> => Promise.resolve(false);
  const fail = (): Promise<boolean> => Promise.reject(new Error('Redis is gone.'));

  test.each(['resolve', 'once'] as const)('ends the update as busy: %s', async mode => {
    await start();
    const { result } = await asking(refuse).update({ mode });
    expect(result).toMatchObject({ outcome: 'busy', verified: false, attempts: [] });
    expect(result.error?.code).toBe('TICKET_LOST');
    expect(api.written).toHaveLength(0);
  });

  test.each(['resolve', 'once'] as const)('leaves an earlier one in doubt: %s', async mode => {
    await start();
    api.writes.push('reset');
    let asked = 0;
    const engine = asking(() => Promise.resolve(++asked === 1));
    const first = await engine.update({ mode });
    const { base, pending, outcome } = first.result;
    const { result } = outcome === 'retry' ? await engine.update({ mode, base, pending }) : first;
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.error?.code).toBe('TICKET_LOST');
    expect(api.written).toHaveLength(1);
  });

  test('says why where its fate cannot be stored', async () => {
    await start();
    const { error, outcome } = (await asking(fail).update()).result;
    expect([outcome, error?.code]).toEqual(['busy', 'FATE_NOT_STORED']);
    expect(error?.message).toContain('Redis is gone.');
    expect(api.written).toHaveLength(0);
    const { result } = await asking(fail).update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'busy' });
  });
});

describe('the process is killed before it hears of a write', () => {
  const PARTS: Readonly<Record<string, RequestPart>> = {
    'given changes': {},
    'given changes with a stamp': { stamp: STAMP },
    'computed changes': COMPUTED,
    'computed changes with a stamp': { ...COMPUTED, stamp: STAMP },
  };
  /** What the attempts before it met. */
  const BEFORE: Readonly<Record<string, readonly Step[]>> = {
    'the first': [],
    'one after noise': [noise],
    'the same again': ['reset'],
    'one after noise and the same again': [noise, 'reset'],
  };
  const FATE: Readonly<Record<string, Step>> = { 'was applied': lost, 'never arrived': 'reset' };
  const SINCE: Readonly<Record<string, () => void>> = {
    nothing: () => undefined,
    'another field': () => {
      api.noise();
    },
    'the very same': () => {
      api.change({ status: 'Done', stock: Number(api.values.stock) + 1 });
    },
    'the same field': () => {
      api.change({ status: 'Held', stock: 100 });
    },
  };

  const cases = Object.keys(PARTS).flatMap(part =>
    Object.keys(BEFORE).flatMap(which =>
      Object.keys(FATE).flatMap(fate =>
        Object.keys(SINCE).map(since => [part, which, fate, since]),
      ),
    ),
  );

  test.each(cases)('%s, %s: it %s, and since then somebody set %s', async (...named) => {
    const [part = '', which = '', fate = '', since = ''] = named;
    await start();
    const { [part]: update = {} } = PARTS;
    const { [which]: before = [] } = BEFORE;
    api.writes.push(...before, FATE[fate] ?? 'reset');
    const engine = new Engine(api.url, { context: { idempotency: KEYS } });
    const kills = [...before.map(() => false), true];
    const { context, survivedBy } = mortal(engine.context, kills);
    const { result: left } = await survivedBy(updateRecord(engine.request(update), context));
    SINCE[since]?.();

    const { result } = await engine.update({ ...update, base: left.base, pending: left.pending });

    const expected =
      since === 'nothing' ? settled(fate) : ['uncertain', 'already-applied', 'updated'];
    expect(expected, JSON.stringify(result)).toContain(result.outcome);
    expect(api.committed.length, JSON.stringify(result)).toBeLessThan(2);
    if (result.outcome === 'updated') expect(api.committed).toHaveLength(1);
    if (fate === 'never arrived' && since === 'nothing') {
      const [last, again] = api.written.slice(-2);
      expect([again?.body, again?.headers]).toEqual([last?.body, last?.headers]);
    }
  });

  function settled(fate: string): readonly string[] {
    // Whose increment it is that the record shows, only a token tells.
    return fate === 'was applied' ? ['already-applied', 'uncertain'] : ['updated'];
  }
});

describe('a number after a kill, where the same value from another hand would be a lost change', () => {
  const NUMBER: RequestPart = { changes: { stock: 6 } };
  const same = (): void => {
    api.change({ stock: 6 });
  };

  /** @param step what became of the write whose answer nobody heard */
  async function afterKill(step: Step, part: RequestPart, since = (): void => undefined) {
    api.writes.push(step);
    const engine = new Engine(api.url);
    const { context, survivedBy } = mortal(engine.context, [true]);
    const { result: left } = await survivedBy(
      updateRecord(engine.request({ ...NUMBER, ...part }), context),
    );
    since();
    const { base, pending } = left;
    const { result } = await engine.update({ ...NUMBER, base, pending });
    return { result, left };
  }

  const brought = (): RequestPart => ({
    snapshot: new Engine(api.url).snapshot('"v1"', { stock: 5 }),
  });

  test('it is known again where the update itself had read what it began with', async () => {
    await start();
    const { result, left } = await afterKill(lost, {});
    expect(left.base?.own).toBe(true);
    expect(result).toMatchObject({ outcome: 'already-applied', verified: true });
    expect(api.committed).toHaveLength(1);
  });

  test('so it is where others have set the same since', async () => {
    await start();
    const { result } = await afterKill('reset', {}, same);
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(0);
  });

  test.each<[string, Step, () => void]>([
    ['arrived', lost, () => undefined],
    ['never arrived, and others have set the same', 'reset', same],
  ])('a number decided on the snapshot of a message stays in doubt: it %s', async (...named) => {
    const [, step, since] = named;
    await start();
    const { result, left } = await afterKill(step, brought(), since);
    expect(left.base).toBeDefined();
    expect(left.base?.own).toBeUndefined();
    expect(result.outcome).toBe('uncertain');
  });

  test('where no message brought a snapshot, one of a later delivery changes nothing', async () => {
    await start();
    api.writes.push(lost);
    const engine = new Engine(api.url);
    const { context, survivedBy } = mortal(engine.context, [true]);
    const { base, pending } = (await survivedBy(updateRecord(engine.request(NUMBER), context)))
      .result;
    const snapshot = engine.snapshot(api.version, api.values);
    const { result } = await engine.update({ ...NUMBER, base, pending, snapshot });
    expect(result.outcome).toBe('already-applied');
  });

  test('it lasts over a second kill', async () => {
    await start();
    const first = await afterKill('reset', {});
    expect(first.result.outcome).toBe('updated');
    await start();
    api.writes.push('reset', lost);
    const engine = new Engine(api.url);
    const { context, survivedBy } = mortal(engine.context, [true, true]);
    const one = (await survivedBy(updateRecord(engine.request(NUMBER), context))).result;
    const again = engine.request({ ...NUMBER, base: one.base, pending: one.pending });
    const two = (await survivedBy(updateRecord(again, context))).result;
    expect(two.base?.own).toBe(true);
    const { result } = await engine.update({ ...NUMBER, base: two.base, pending: two.pending });
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });
});

describe('a number in a loop wired in the flow', () => {
  const NUMBER: RequestPart = { changes: { stock: 6 }, mode: 'once' };

  test.each([
    ['is done where no message brought what it was decided on', false, 'unchanged'],
    ['is a conflict where the first message did', true, 'conflict'],
  ])('%s, and others have set the same between two passes', async (_name, brings, outcome) => {
    await start();
    api.writes.push(noise);
    const engine = new Engine(api.url);
    const snapshot = brings ? engine.snapshot('"v1"', { stock: 5 }) : undefined;
    const first = (await engine.update({ ...NUMBER, snapshot })).result;
    expect(first.outcome).toBe('retry');
    api.change({ stock: 6 });
    const now = engine.snapshot(api.version, api.values);
    const { base, pending } = first;
    const { result } = await engine.update({ ...NUMBER, snapshot: now, base, pending });
    expect(result).toMatchObject({ outcome, sameByOthers: ['stock'] });
  });
});
