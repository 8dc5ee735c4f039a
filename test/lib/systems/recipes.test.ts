// Each recipe against an API that is played from its documentation.
import { describe, expect, test } from 'vitest';
import { CHECKED, UNCHECKED } from '../../support/played/apis';
import { startPlayed, type PlayedApi, type PlayedServer } from '../../support/played/played-api';
import { recipeEngine } from '../../support/played/recipe-engine';
import { RECIPES } from '../../../nodes/record-endpoint/recipes';

type Run = PlayedServer & ReturnType<typeof engineFor>;

const named = (apis: readonly PlayedApi[]) =>
  apis.map(api => [api.name ?? api.recipe, api] as const);

function engineFor(api: PlayedApi, url: string) {
  const engine = recipeEngine(api, url);
  const part = { method: api.method, changes: api.changes };
  return { engine, part };
}

async function run(api: PlayedApi): Promise<Run> {
  const server = await startPlayed(api);
  return Object.assign(server, engineFor(api, server.url));
}

async function readOnce({ engine }: Pick<Run, 'engine'>) {
  const fetched = await engine.fetch();
  if ('snapshot' in fetched) return fetched.snapshot;
  throw new Error(`not read: ${fetched.result.outcome}`);
}

test('every recipe is played', () => {
  const played = [...CHECKED, ...UNCHECKED].map(({ recipe }) => recipe);
  expect([...new Set(played)].sort()).toEqual(Object.keys(RECIPES).sort());
});

describe.each(named([...CHECKED, ...UNCHECKED]))('the API %s as it is played', (_name, api) => {
  test.each(api.wrong.map(wrong => [wrong.what, wrong] as const))(
    'refuses %s',
    async (_what, { method, path, headers = {}, body, status }) => {
      const { url, record } = await startPlayed(api);
      const before = structuredClone(record.values);
      const target = new URL(url).origin + path;
      const answer = await fetch(target, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
      });
      expect(answer.status).toBe(status);
      expect(record.values).toEqual(before);
    },
  );
});

describe.each(named(CHECKED))('the recipe %s', (_name, api) => {
  test('updates with one read and one write, and leaves the rest alone', async () => {
    const { engine, part, record, requests } = await run(api);
    const { result } = await engine.update(part);
    expect(result).toMatchObject({ outcome: 'updated', reads: 1 });
    expect(requests).toHaveLength(2);
    expect(record.values).toMatchObject({ ...api.values, ...written(api) });
    expect(Object.keys(record.values).sort()).toEqual(Object.keys(api.values).sort());
  });

  test('finds in place what was written', async () => {
    const { engine, part, writes } = await run(api);
    await engine.update(part);
    const { result } = await engine.update(part);
    expect(result.outcome).toBe('unchanged');
    expect(writes()).toHaveLength(1);
  });

  test('heals noise', async () => {
    const { engine, part, record, beforeNextWrite } = await run(api);
    beforeNextWrite(api.noise);
    const { result } = await engine.update(part);
    expect(result.outcome).toBe('updated');
    expect(record.values).toMatchObject({ ...written(api), ...api.noise });
  });

  test('tells a conflict, and whose value stays', async () => {
    const { engine, part, record, beforeNextWrite } = await run(api);
    beforeNextWrite(api.theirs);
    const { result } = await engine.update(part);
    expect(result.outcome).toBe('conflict');
    expect(record.values).toMatchObject(api.theirs);
  });

  test('a record that a message brings, outdated since', async () => {
    const { engine, part, record } = await run(api);
    const snapshot = await readOnce({ engine });
    record.write(api.noise);
    const { result } = await engine.update({ ...part, snapshot });
    expect(result.outcome).toBe('updated');
    expect(record.values).toMatchObject({ ...written(api), ...api.noise });
  });

  test('a lost answer is found in place', async () => {
    const { engine, part, record, loseNextWrite } = await run(api);
    loseNextWrite();
    const { result } = await engine.update(part);
    expect(result.outcome).toBe('already-applied');
    expect(record.revision).toBe(4);
  });

  test('a second update goes on from the first, whatever its answer shows', async () => {
    const { engine, part, record } = await run(api);
    const first = await engine.update(part);
    const again = { method: api.method, changes: api.theirs, snapshot: first.record };
    const { result } = await engine.update(again);
    expect(result.outcome).toBe(api.recipe === 'graph-lists' ? 'rejected' : 'updated');
    if (api.recipe !== 'graph-lists') expect(record.values).toMatchObject(api.theirs);
  });
});

/** What an API stores of the changes: their types are said beside them, and kept elsewhere by some. */
function written({ changes }: PlayedApi): object {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !name.includes('@')));
}

const REFUSING = [...CHECKED, ...UNCHECKED].filter(({ refused }) => refused !== undefined);

test.each(named(REFUSING))('the reason of a refusal at %s', async (_name, api) => {
  const { refused } = api;
  if (refused === undefined) throw new Error('nothing is refused');
  const { engine, record } = await run(api);
  const before = structuredClone(record.values);
  const force = UNCHECKED.includes(api);
  const { result } = await engine.update({ method: api.method, changes: refused.changes, force });
  expect(result.outcome).toBe(refused.outcome);
  expect(result.error?.message).toContain(refused.message);
  if (refused.code !== undefined) expect(result.error?.apiCode).toBe(refused.code);
  expect(record.values).toEqual(before);
});

/** Where the version does not go back as If-Match, nothing says "any version, but never create". */
const NEVER_FORCED = [
  'salesforce',
  'erpnext',
  'zendesk',
  'elasticsearch',
  'kubernetes',
  'consul',
  'vault',
];

test.each(named(CHECKED))('forced at %s', async (_name, api) => {
  const { engine, part, record, writes, beforeNextWrite } = await run(api);
  beforeNextWrite(api.theirs);
  const forced = (async () => engine.update({ ...part, force: true }))();
  if (NEVER_FORCED.includes(api.recipe)) {
    await expect(forced).rejects.toMatchObject({ code: 'FORCE_UNSUPPORTED' });
    expect(writes()).toHaveLength(0);
    return;
  }
  expect((await forced).result.outcome).toBe('updated');
  expect(record.values).toMatchObject(written(api));
});

describe.each(named(UNCHECKED))('%s, which checks no version,', (_name, api) => {
  test('is not asked at all', async () => {
    const { engine, part, requests } = await run(api);
    const { result } = await engine.update(part);
    expect(result).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'VERSION_UNCHECKED' },
    });
    expect(requests).toHaveLength(0);
  });

  test('is written where the update is forced, in its own form', async () => {
    const { engine, part, record, writes } = await run(api);
    const { result } = await engine.update({ ...part, force: true });
    expect(result.outcome).toBe('updated');
    expect(record.values).toEqual({ ...api.values, ...api.changes });
    expect(writes().map(({ headers }) => headers['if-match'])).toEqual([undefined]);
  });

  test('a lost answer is found in place', async () => {
    const { engine, part, loseNextWrite } = await run(api);
    loseNextWrite();
    const { result } = await engine.update({ ...part, force: true });
    expect(result.outcome).toBe('already-applied');
  });
});
