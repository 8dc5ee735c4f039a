// What the passes of a wired loop must not forget of the passes before, whatever the snapshots of their messages show.
import { describe, expect, test } from 'vitest';
import type { UpdateOutput } from '../../../lib/update/known';
import type { Computation } from '../../../lib/update/request';
import { Engine, type RequestPart } from '../../support/engine';
import { startRecordApi, type RecordApi, type Step } from '../../support/engine-record';

const STAMP = 'writtenBy';
const FORMER_TIME = '2026-02-07T08:12:31.417Z';
const FORMER_TOKEN = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';

const ADD_ONE: Computation = {
  fields: ['stock'],
  hash: 'add 1',
  of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + 1 }),
};

/** By another hand, before the write. */
const noise: Step = (_request, proceed) => {
  api.noise();
  return proceed();
};

let api: RecordApi;

async function start(values: Record<string, unknown> = {}): Promise<Engine> {
  api = await startRecordApi({ values: { status: 'Open', stock: 5, ...values } });
  return new Engine(api.url, { rest: { cacheHeader: 'X-Cache' } });
}

/** One pass, as the message comes from storage. */
async function pass(
  engine: Engine,
  part: RequestPart,
  before?: UpdateOutput,
  snapshot = before?.record,
): Promise<UpdateOutput> {
  const { base, pending } = JSON.parse(JSON.stringify(before?.result ?? {})) as RequestPart;
  return engine.update({ mode: 'once', ...part, base, pending, snapshot });
}

/** The record as it is now, as a cache goes on showing it. */
function cached(): Step {
  return { status: 200, headers: { etag: api.version, 'x-cache': 'HIT' }, body: { ...api.values } };
}

const COMPUTED: RequestPart = { changes: undefined, computation: ADD_ONE };

describe('a write in doubt, on a version that others had made since the baseline', () => {
  const CHANGES: [string, RequestPart, string | undefined][] = [
    ['of given changes', {}, undefined],
    ['of given changes with a stamp', { stamp: STAMP }, FORMER_TIME],
    ['of computed changes', COMPUTED, undefined],
    ['of computed changes with a stamp', { ...COMPUTED, stamp: STAMP }, FORMER_TOKEN],
  ];

  /** Noise in the first pass, a lost write in the second one, after which the record is as before. */
  async function inDoubt(part: RequestPart, former: string | undefined) {
    const engine = await start(former === undefined ? {} : { [STAMP]: former });
    api.writes.push(noise, 'reset');
    const first = await pass(engine, part);
    const second = await pass(engine, part, first);
    expect(second.result).toMatchObject({ outcome: 'retry', pending: { versionSent: '"v2"' } });
    return { engine, second };
  }

  test.each(CHANGES)('goes again on the same version: %s', async (_name, part, former) => {
    const { engine, second } = await inDoubt(part, former);
    const third = await pass(engine, part, second);
    expect(third.result.outcome).toBe('updated');
    const [, lost, again] = api.written;
    expect(again?.headers['if-match']).toBe('"v2"');
    expect(again?.body).toBe(lost?.body);
    expect(api.committed).toHaveLength(1);
  });

  test.each(CHANGES)(
    'may still land, whatever the next one is answered: %s',
    async (_name, part, former) => {
      const { engine, second } = await inDoubt(part, former);
      api.writes.push({ status: 422 });
      const third = await pass(engine, part, second);
      expect(third.result).toMatchObject({ outcome: 'uncertain', verified: false });
    },
  );

  test.each(CHANGES)(
    'is not settled by a snapshot from before it: %s',
    async (_name, part, former) => {
      const { engine, second } = await inDoubt(part, former);
      const { values = {} } = second.record ?? {};
      const third = await pass(engine, part, second, engine.snapshot('"v1"', { ...values }));
      expect(third.result.outcome).toBe('updated');
      expect(api.written.map(({ headers }) => headers['if-match'])).toEqual([
        ...['"v1"', '"v2"', '"v2"'],
      ]);
    },
  );
});

test('a write in doubt is not settled by a cache that shows the record from before it', async () => {
  const engine = await start();
  const older = cached();
  api.noise();
  api.writes.push('reset');
  const first = await pass(engine, {});
  api.reads.push(older);
  const second = await pass(engine, {}, first, engine.snapshot('"v1"', { status: 'Open' }));
  expect(second.result.outcome).toBe('updated');
  expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v2"', '"v2"']);
});

test('nothing is written on what a cache shows from before a write in doubt, however long it does', async () => {
  const engine = await start();
  const older = cached();
  api.writes.push(noise, 'reset');
  const first = await pass(engine, {});
  const second = await pass(engine, {}, first);
  api.everyRead = older;
  const third = await pass(engine, {}, second, engine.snapshot('"v1"', { status: 'Open' }));
  expect(third.result).toMatchObject({ outcome: 'uncertain', verified: false });
  expect(api.written).toHaveLength(2);
});

test.each([
  ['given', {}],
  ['computed', COMPUTED],
])(
  'a read that fails where nothing is known of the record leaves %s changes in doubt',
  async (_name, part) => {
    const engine = await start();
    api.writes.push('reset');
    const first = await pass(engine, part);
    api.everyRead = { status: 503 };
    const second = await pass(engine, part, { ...first, record: undefined });
    expect(second.result).toMatchObject({
      outcome: 'retry',
      pending: { versionSent: '"v1"', seenUnmoved: true },
    });
    const last = await pass(engine, { ...part, mode: 'resolve' }, { ...second, record: undefined });
    expect(last.result).toMatchObject({ outcome: 'uncertain', verified: false });
  },
);

test('what was computed on one version is never sent on another', async () => {
  const engine = await start();
  const older = cached();
  api.writes.push(
    (_request, proceed) => {
      api.change({ stock: 105 });
      return proceed();
    },
    { status: 503, body: { error: { code: 'Busy', message: 'Not now.' } } },
  );
  const first = await pass(engine, COMPUTED);
  let last = await pass(engine, COMPUTED, first);
  expect(last.result).toMatchObject({ outcome: 'retry', pending: { sent: { stock: 106 } } });
  api.reads.push(older);
  for (let n = 0; n < 3 && last.result.outcome === 'retry'; n++) {
    last = await pass(engine, COMPUTED, last);
  }
  expect(last.result.outcome).toBe('updated');
  expect(api.values.stock).toBe(106);
});

describe('a write accepted for later (202), whose values somebody else sets meanwhile', () => {
  /** Accepted, and refused later: the value is that of the operator. */
  async function accepted(part: (engine: Engine) => RequestPart) {
    const engine = await start({ [STAMP]: FORMER_TOKEN });
    api.writes.push(() => {
      api.change({ stock: 6 });
      return { status: 202 };
    });
    const { result } = await engine.update(part(engine));
    return result;
  }

  const counted = (engine: Engine): RequestPart => ({
    changes: { stock: 6 },
    snapshot: engine.snapshot('"v1"', { stock: 5 }),
  });

  test('proves nothing of a count', async () => {
    const result = await accepted(counted);
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
  });

  test('is done where the same value is', async () => {
    const result = await accepted(engine => ({ ...counted(engine), sameValue: 'done' }));
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
  });

  test('proves nothing of computed changes without their token', async () => {
    const result = await accepted(() => ({ ...COMPUTED, stamp: STAMP }));
    expect(result.outcome).toBe('uncertain');
  });

  test('is told from that by the token of computed changes', async () => {
    const engine = await start({ [STAMP]: FORMER_TOKEN });
    api.writes.push((_request, proceed) => {
      proceed();
      return { status: 202 };
    });
    const snapshot = engine.snapshot('"v1"', { stock: 5 });
    const { result } = await engine.update({ ...COMPUTED, stamp: STAMP, snapshot });
    expect(result.outcome).toBe('updated');
  });
});
