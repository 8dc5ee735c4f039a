import { describe, expect, test } from 'vitest';
import { snapshotFor } from '../../../lib/record/snapshot';
import { Engine } from '../../support/engine';
import { lost, preceded, startRecordApi } from '../../support/engine-record';
import { startScriptedServer } from '../../support/scripted-server';

const DATAVERSE = { family: 'dataverse', collection: 'salesorders' } as const;

test('trap 1: a write whose answer was lost turns out to be applied', async () => {
  const api = await startRecordApi();
  api.writes.push(lost);
  const { result, record } = await new Engine(api.url).update();
  expect(result).toMatchObject({ outcome: 'already-applied', verified: true });
  expect(record).toMatchObject({ version: '"v2"', values: { status: 'Done' } });
  expect(api.committed).toHaveLength(1);
});

test('trap 1: the resend that meets the own first write is no conflict', async () => {
  const api = await startRecordApi();
  // The first write reaches the record only after the read that follows its loss.
  let arrive = (): void => undefined;
  api.writes.push((_request, proceed) => {
    arrive = proceed;
    return 'reset';
  });
  api.writes.push(
    preceded(() => {
      arrive();
    }),
  );
  const { result } = await new Engine(api.url).update();
  expect(result.outcome).toBe('already-applied');
  expect(result.attempts.map(({ status }) => status)).toEqual([undefined, 412]);
  expect(api.committed).toHaveLength(1);
});

test('trap 2: a record that is gone at the re-read is never created', async () => {
  const api = await startRecordApi();
  api.writes.push(
    preceded(() => {
      api.noise();
      api.reads.push(
        preceded(() => {
          api.isGone = true;
        }),
      );
    }),
  );
  const { result, record } = await new Engine(api.url).update();
  expect(result.outcome).toBe('not-found');
  expect(record).toBeUndefined();
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
});

test.each([
  { code: '0x80040237', message: 'Duplicate' },
  { code: '', message: 'A record with matching key values already exists.' },
])('trap 3: Dataverse 412 for a duplicate is a refusal, not a conflict ($message)', async error => {
  const api = await startRecordApi();
  api.everyWrite = { status: 412, body: { error } };
  const { result } = await new Engine(api.url, DATAVERSE).update();
  expect(result.outcome).toBe('rejected');
  expect(api.methods).toEqual(['GET', 'PATCH']);
});

test('trap 4: a rejected repeatable request is verified, not counted as a conflict', async () => {
  const api = await startRecordApi();
  api.writes.push((_request, proceed) => {
    proceed();
    return { status: 412, headers: { 'repeatability-result': 'rejected' } };
  });
  const engine = new Engine(api.url, { policy: { conflictRetries: 0 } });
  const { result } = await engine.update();
  expect(result.outcome).toBe('already-applied');
  expect(api.committed).toHaveLength(1);
});

test('trap 5: a version that is refused although it is current stops after one more read', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 412 };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({
    outcome: 'unsupported',
    error: { code: 'VERSION_NOT_PROGRESSING' },
  });
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'GET']);
});

test('trap 5: a stale replica at the first re-read does not stop the update', async () => {
  const api = await startRecordApi();
  api.writes.push(
    preceded(() => {
      const stale = { status: 200, headers: { etag: api.version }, body: api.values };
      api.reads.push(stale);
      api.noise();
    }),
  );
  const { result } = await new Engine(api.url).update();
  expect(result.outcome).toBe('updated');
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'GET', 'PATCH']);
});

test('trap 6: 409 on an unmoved record is a state conflict, after one read and one write', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 409, body: { message: 'Cannot transition from current state' } };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({ outcome: 'invalid-state', verified: true });
  expect(result.error?.message).toContain('Cannot transition from current state');
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
});

test('trap 6: 409 on an unmoved record that speaks of rights is a refusal of access, after one read', async () => {
  const api = await startRecordApi();
  api.everyWrite = {
    status: 409,
    body: { message: 'User is not authorized to change this order' },
  };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({
    outcome: 'denied',
    verified: true,
    error: { code: 'ACCESS_REFUSED' },
  });
  expect(result.error?.message).toContain('User is not authorized to change this order');
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
});

test('trap 6: 409 that speaks of rights on a record that moved is tried again', async () => {
  const api = await startRecordApi();
  api.writes.push(() => {
    api.noise();
    return { status: 409, body: { message: 'Permission denied' } };
  });
  const { result } = await new Engine(api.url).update();
  expect(result.outcome).toBe('updated');
});

test('trap 7: a guard field that moved is a conflict, although no target did', async () => {
  const api = await startRecordApi();
  api.writes.push(
    preceded(() => {
      api.change({ owner: 'somebody' });
    }),
  );
  const { result } = await new Engine(api.url).update({ guards: ['owner'], rule: 'overwrite' });
  expect(result).toMatchObject({ outcome: 'conflict', verified: true });
  expect(result.conflict?.fields).toEqual([
    { name: 'owner', base: 'o0', ours: 'o0', theirs: 'somebody' },
  ]);
  expect(api.committed).toHaveLength(0);
});

test('trap 8: a lost write after which the record moved and shows the old values is not repeated', async () => {
  const api = await startRecordApi();
  api.writes.push((_request, proceed) => {
    proceed();
    api.change({ status: 'Open' });
    return 'reset';
  });
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({
    outcome: 'uncertain',
    verified: false,
    error: { code: 'POSSIBLY_REVERTED' },
  });
  expect(api.committed).toHaveLength(1);
  expect(api.values.status).toBe('Open');
});

describe('trap 9', () => {
  test('trap 9: a target that the re-read does not show is unknown, never unchanged', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.noise();
        api.values = { note: 'n0' };
      }),
    );
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'FIELD_UNKNOWN' } });
    expect(result.error?.message).toContain('status');
  });

  test('trap 9: a target without read permission is unknown', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Done', 'status@Core.Permissions': 'None' });
      }),
    );
    const { result } = await new Engine(api.url, DATAVERSE).update();
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'FIELD_UNKNOWN' } });
  });

  test('trap 9: a missing field is null only where the endpoint says so', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const change = { changes: { note: 'n1' } };
    const rest = { missingMeansNull: true };
    expect((await new Engine(api.url, { rest }).update(change)).result.outcome).toBe('updated');

    const strict = await startRecordApi({ values: { status: 'Open' } });
    strict.writes.push(
      preceded(() => {
        strict.noise();
      }),
    );
    expect((await new Engine(strict.url).update(change)).result.outcome).toBe('conflict');
  });
});

test('trap 10: every write carries a version, and * leaves only when forced', async () => {
  const api = await startRecordApi();
  api.writes.push(
    preceded(() => {
      api.noise();
    }),
    'reset',
  );
  await new Engine(api.url).update();
  expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"', '"v2"']);

  await new Engine(api.url).update({ force: true, changes: { status: 'Again' } });
  expect(api.written.at(-1)?.headers['if-match']).toBe('*');
});

test('trap 10: an update that created a record is reported', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 201, body: { status: 'Done' } };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'UNEXPECTED_CREATE' } });
  expect(api.methods).toEqual(['GET', 'PATCH']);
});

test.each([
  ['empty', ''],
  ['with a line break', '"v1"\r\nX-Evil: 1'],
  ['beyond ASCII', '"日本"'],
  ['a list', '"v1", "v2"'],
  ['a star', '*'],
  ['without quotes', 'v1'],
])('trap 11: a version that is %s fails before any request', async (_name, version) => {
  const api = await startRecordApi();
  const engine = new Engine(api.url);
  const snapshot = engine.snapshot(version, api.values);
  await expect(engine.update({ snapshot })).rejects.toMatchObject({ code: 'VERSION_INVALID' });
  expect(api.requests).toHaveLength(0);
});

test.each([undefined, null])(
  'trap 11: version %s is no snapshot, so the record is read',
  version => {
    const ref = { collection: 'orders', key: 'A1', url: 'http://127.0.0.1/orders/A1' };
    expect(snapshotFor({ url: ref.url, values: {}, version }, ref)).toBeUndefined();
  },
);

test.each(['W/"a,b"', `W/"datetimeoffset'2025-02-08T10%3A00%3A00Z'"`, '"a\\b"', 'W/"468026"'])(
  'trap 12: the version %s goes back byte for byte',
  async etag => {
    const api = await startRecordApi({ etag: () => etag });
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('updated');
    expect(api.written[0]?.headers['if-match']).toBe(etag);
  },
);

test('trap 13: an answer without a version leaves no snapshot, so the next update reads', async () => {
  const api = await startRecordApi({ answers: 'nothing' });
  const engine = new Engine(api.url);
  const { result, record } = await engine.update();
  expect(result).toMatchObject({ outcome: 'updated', verified: true });
  expect(record).toBeUndefined();
  await engine.update({ changes: { note: 'n1' }, snapshot: record });
  expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
});

test.each([301, 302, 303, 307, 308])(
  'trap 14: a write redirected with %i fails, and the other origin hears nothing',
  async status => {
    const other = await startScriptedServer(() => ({ status: 200, body: 'signed in' }));
    const api = await startRecordApi();
    api.everyWrite = { status, headers: { location: `${other.url}/elsewhere` } };
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'unsupported', error: { code: 'REDIRECT' } });
    expect(other.requests).toHaveLength(0);
    expect(api.written).toHaveLength(1);
  },
);

test('trap 14: a web page with status 200 is no success', async () => {
  const api = await startRecordApi();
  const headers = { 'content-type': 'text/html' };
  api.everyWrite = { status: 200, headers, body: '<html>Sign in</html>' };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({ outcome: 'denied', error: { code: 'HTML_ANSWER' } });
  expect(api.written).toHaveLength(1);
});

describe('trap 16', () => {
  const DATES = {
    date: 'Sun, 08 Feb 2026 10:00:00 GMT',
    'retry-after': 'Sun, 08 Feb 2026 10:01:30 GMT',
  };

  async function waitAfter(headers: Record<string, string>): Promise<number> {
    const api = await startRecordApi();
    api.writes.push({ status: 429, headers });
    const engine = new Engine(api.url, { policy: { deadlineMs: 600_000 } });
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(engine.time.waits).toHaveLength(1);
    return engine.time.waits[0] ?? -1;
  }

  test('trap 16: Retry-After in seconds and as a date is a floor', async () => {
    expect(await waitAfter({ 'retry-after': '120' })).toBeGreaterThanOrEqual(120_000);
    const untilDate = await waitAfter(DATES);
    expect(untilDate).toBeGreaterThanOrEqual(90_000);
    expect(untilDate).toBeLessThan(91_000);
  });

  test.each(['', '-5', '1.5', '120, 60'])(
    'trap 16: Retry-After "%s" is ignored and the policy waits',
    async value => {
      const waitMs = await waitAfter({ 'retry-after': value });
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThan(2_000);
    },
  );
});

test.each([
  ['beyond the deadline', '60', 30_000],
  ['longer than a timer can run', '999999999', Number.MAX_SAFE_INTEGER],
])('trap 17: a Retry-After %s is not slept', async (_name, seconds, deadlineMs) => {
  const api = await startRecordApi();
  api.everyWrite = { status: 429, headers: { 'retry-after': seconds } };
  const engine = new Engine(api.url, { policy: { deadlineMs } });
  const { result } = await engine.update();
  expect(result.outcome).toBe('exhausted');
  const expected = engine.time.now() + Number(seconds) * 1000;
  expect(result.notBefore).toBe(new Date(expected).toISOString());
  expect(engine.time.waits).toEqual([]);
  expect(api.written).toHaveLength(1);
});

describe('trap 23', () => {
  const CASES = [
    {
      name: 'long integers',
      ours: '9007199254740993',
      theirs: '9007199254740992',
      type: 'integer',
    },
    { name: 'texts that parse as one date', ours: 'Item 12', theirs: 'Lot 12', type: undefined },
    { name: 'texts with zeros', ours: '007', theirs: 7, type: undefined },
    { name: 'a date and an instant', ours: '2025-02-08', theirs: '2025-02-08T00:00:00Z' },
    { name: 'decimals without a scale', ours: 47.639583, theirs: 47.63958, type: 'decimal' },
  ] as const;

  test.each(CASES)('trap 23: $name are different values', async ({ ours, theirs, ...rest }) => {
    const api = await startRecordApi({ values: { f: theirs } });
    const type = 'type' in rest && rest.type !== undefined ? { f: { type: rest.type } } : {};
    const { result } = await new Engine(api.url).update({ changes: { f: ours }, fieldTypes: type });
    expect(result.outcome).toBe('updated');
  });

  const SAME = [
    { ours: '1.0', theirs: '1.00', type: { type: 'decimal' } },
    { ours: '2025-02-08', theirs: '2025-02-08T00:00:00Z', type: { type: 'date' } },
    { ours: 47.639583, theirs: 47.63958, type: { type: 'decimal', scale: 5 } },
    { ours: '9007199254740993', theirs: '9007199254740993', type: { type: 'integer' } },
  ] as const;

  test.each(SAME)(
    'trap 23: $ours is already there as $theirs ($type.type)',
    async ({ ours, theirs, type }) => {
      const api = await startRecordApi({ values: { f: theirs } });
      const part = { changes: { f: ours }, fieldTypes: { f: type } };
      const { result } = await new Engine(api.url).update(part);
      expect(result.outcome).toBe('unchanged');
      expect(api.methods).toEqual(['GET']);
    },
  );

  test('trap 23: an integer beyond 2^53 is compared digit by digit on the wire', async () => {
    const server = await startScriptedServer(() => {
      const headers = { etag: '"v1"', 'content-type': 'application/json' };
      return { status: 200, headers, body: '{"serial":9007199254740993}' };
    });
    const engine = new Engine(server.url);
    const same = await engine.update({ changes: { serial: '9007199254740993' } });
    expect(same.result.outcome).toBe('unchanged');
    const other = await engine.update({ changes: { serial: '9007199254740992' } });
    expect(other.result.attempts).toHaveLength(1);
  });
});
