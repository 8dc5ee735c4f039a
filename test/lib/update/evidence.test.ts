import { describe, expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { lost, preceded, startRecordApi, type RecordApi } from '../../support/engine-record';
import { startScriptedServer, type Reply } from '../../support/scripted-server';

function noisy(api: RecordApi): void {
  api.writes.push(
    preceded(() => {
      api.noise();
    }),
  );
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('PUT', () => {
  const LONG = '{"status":"Open","serial":9007199254740993,"price":1.10,"tiny":1e-400}';

  test('reads, merges and sends the whole record, other numbers digit by digit', async () => {
    const server = await startScriptedServer((request): Reply => {
      if (request.method !== 'GET') return { status: 204, headers: { etag: '"v2"' } };
      return { status: 200, headers: { ...JSON_TYPE, etag: '"v1"' }, body: LONG };
    });
    const { result } = await new Engine(server.url).update({ method: 'PUT' });
    expect(result.outcome).toBe('updated');
    const put = server.requests.find(({ method }) => method === 'PUT');
    expect(put?.body).toBe(LONG.replace('Open', 'Done'));
    expect(put?.headers['if-match']).toBe('"v1"');
  });

  test('reads also when the message brings a snapshot, and compares with that', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change({ status: 'Cancelled' });
    const { result } = await engine.update({ method: 'PUT', snapshot });
    expect(result.outcome).toBe('conflict');
    expect(api.methods).toEqual(['GET']);
  });

  test('after noise, sends back what the record holds then', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change({ owner: 'somebody' }, 'background');
      }),
    );
    const { result } = await new Engine(api.url).update({ method: 'PUT' });
    expect(result.outcome).toBe('updated');
    expect(api.values).toEqual({ status: 'Done', note: 'n0', owner: 'somebody' });
  });
});

describe('force', () => {
  test('writes over whatever there is', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change({ status: 'Cancelled' });
    const { result } = await engine.update({ force: true, snapshot });
    expect(result.outcome).toBe('updated');
    expect(api.values.status).toBe('Done');
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['*']);
  });

  test.each([404, 412])('of a record that is gone (%i) creates nothing', async status => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.isGone = true;
    api.everyWrite = { status };
    const { result, record } = await engine.update({ force: true, snapshot });
    expect(result.outcome).toBe('not-found');
    expect(record).toBeUndefined();
    expect(api.written).toHaveLength(1);
    expect(api.written[0]?.headers['if-match']).toBe('*');
  });

  test('whose answer is lost is found in place', async () => {
    const api = await startRecordApi();
    api.writes.push(lost);
    const { result } = await new Engine(api.url).update({ force: true });
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('whose answer is lost is not repeated when the record does not show it', async () => {
    const api = await startRecordApi();
    api.writes.push('reset');
    const { result } = await new Engine(api.url).update({ force: true });
    expect(result.outcome).toBe('uncertain');
    expect(api.written).toHaveLength(1);
  });

  test.each([
    ['refuses', 'invalid-state', 'Cannot complete an open order'],
    ['denies', 'denied', 'No authorization to change this order'],
  ])('that the API %s with a 409 is not sent again', async (_name, outcome, message) => {
    const api = await startRecordApi();
    api.everyWrite = { status: 409, body: { message } };
    const { result } = await new Engine(api.url).update({ force: true });
    expect(result).toMatchObject({ outcome, error: { message: expect.stringContaining(message) } });
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('that the API refuses for its state is not sent again although others changed it', async () => {
    const api = await startRecordApi();
    api.everyWrite = () => {
      api.noise();
      return { status: 409 };
    };
    const engine = new Engine(api.url, { rest: { conflictStatuses: [412] } });
    const { result } = await engine.update({ force: true });
    expect(result.outcome).toBe('invalid-state');
    expect(api.written).toHaveLength(1);
  });

  test('goes again after a 409 when others changed the record meanwhile', async () => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.noise();
      return { status: 409 };
    });
    const { result } = await new Engine(api.url).update({ force: true });
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  describe('in a wired loop, with a lost answer and no look after it', () => {
    async function nextPass(happening: (api: RecordApi) => void) {
      const api = await startRecordApi();
      api.writes.push((_request, proceed) => {
        proceed();
        api.reads.push('reset');
        return 'reset';
      });
      const engine = new Engine(api.url, { policy: { transientRetries: 0 } });
      const { base, pending } = (await engine.update({ force: true, mode: 'once' })).result;
      happening(api);
      const { result } = await engine.update({ force: true, mode: 'once', base, pending });
      return { api, result };
    }

    test('the next pass finds it in place', async () => {
      const { api, result } = await nextPass(() => undefined);
      expect(result.outcome).toBe('already-applied');
      expect(api.written).toHaveLength(1);
    });

    test('trap 8: the next pass does not write it a second time', async () => {
      const { api, result } = await nextPass(record => {
        record.change({ status: 'Cancelled' });
      });
      expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
      expect(api.written).toHaveLength(1);
    });
  });

  test('writes values that are there already: the write itself is wanted', async () => {
    const api = await startRecordApi({ values: { status: 'Done' } });
    const { result } = await new Engine(api.url).update({ force: true });
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });
});

describe('last-modified', () => {
  const rest = { versionFrom: 'last-modified' } as const;

  test('goes back as If-Unmodified-Since, and noise heals', async () => {
    const api = await startRecordApi({ evidence: 'last-modified' });
    const first = api.version;
    noisy(api);
    const { result } = await new Engine(api.url, { rest }).update();
    expect(result.outcome).toBe('updated');
    expect(api.written[0]?.headers['if-unmodified-since']).toBe(first);
    expect(api.written).toHaveLength(2);
  });

  test('a date that is none is no version', async () => {
    const api = await startRecordApi();
    api.everyRead = { status: 200, headers: { 'last-modified': 'yesterday' }, body: {} };
    const { result } = await new Engine(api.url, { rest }).update();
    expect(result).toMatchObject({ outcome: 'unsupported', error: { code: 'VERSION_UNUSABLE' } });
  });

  test('cannot be forced', async () => {
    const api = await startRecordApi({ evidence: 'last-modified' });
    expect(() => new Engine(api.url, { rest }).update({ force: true })).toThrow(
      expect.objectContaining({ code: 'FORCE_UNSUPPORTED' }) as Error,
    );
    expect(api.requests).toHaveLength(0);
  });
});

describe('a version in the body, refused with 409', () => {
  const rest = { versionFrom: 'field', versionField: '_rev', versionTo: 'field' } as const;

  test('noise heals on the version just read', async () => {
    const api = await startRecordApi({ evidence: 'field' });
    noisy(api);
    const { result, record } = await new Engine(api.url, { rest }).update();
    expect(result.outcome).toBe('updated');
    expect(api.written.map(({ body }) => (JSON.parse(body) as { _rev: string })._rev)).toEqual([
      '1-abc',
      '2-abc',
    ]);
    expect(record?.version).toBe('3-abc');
  });

  test('an operator on the target is a conflict', async () => {
    const api = await startRecordApi({ evidence: 'field' });
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Cancelled' });
      }),
    );
    const { result } = await new Engine(api.url, { rest }).update();
    expect(result.outcome).toBe('conflict');
    expect(api.committed).toHaveLength(0);
  });

  test('on an unmoved record: the state refuses', async () => {
    const api = await startRecordApi({ evidence: 'field' });
    api.everyWrite = { status: 409 };
    const { result } = await new Engine(api.url, { rest }).update();
    expect(result.outcome).toBe('invalid-state');
    expect(api.written).toHaveLength(1);
  });

  test('a lost answer is found in place', async () => {
    const api = await startRecordApi({ evidence: 'field' });
    api.writes.push(lost);
    const { result } = await new Engine(api.url, { rest }).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });
});

describe('what an accepted write proves', () => {
  test('a version without a body: the snapshot goes on with our values', async () => {
    const api = await startRecordApi({ answers: 'version' });
    const { result, record } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(record).toMatchObject({ version: '"v2"', values: { status: 'Done', note: 'n0' } });
  });

  test('a body that is not the record says nothing about what was stored', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => ({ ...proceed(), body: { ok: true } }));
    const { result, record } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(record).toBeUndefined();
  });

  test('the version of a body that is not the record is none of the record', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    // As a framework does that hashes each body it sends.
    api.writes.push((_request, proceed) => ({
      ...proceed(),
      headers: { etag: 'W/"b-report"' },
      body: { ok: true },
    }));
    const { record } = await engine.update();
    expect(record).toBeUndefined();
    const { result } = await engine.update({ changes: { note: 'n1' }, snapshot: record });
    expect(result).toMatchObject({ outcome: 'updated', attempts: [{ versionSent: '"v2"' }] });
  });

  test('a version that a report names in the field of the version is taken', async () => {
    const api = await startRecordApi({ evidence: 'field', values: { status: 'Open' } });
    const rest = { versionFrom: 'field', versionField: '_rev', versionTo: 'field' } as const;
    api.writes.push((_request, proceed) => ({ ...proceed(), body: { ok: true, _rev: '2-abc' } }));
    const { record } = await new Engine(api.url, { rest }).update();
    expect(record).toMatchObject({ version: '2-abc', values: { status: 'Done' } });
  });

  test.each([
    ['ignored', 'Open'],
    ['altered', 'DONE'],
  ])('a value that was %s is pointed out', async (_name, status) => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => ({ ...proceed(), body: { status } }));
    const { result, record } = await new Engine(api.url).update();
    expect(result).toMatchObject({
      outcome: 'updated',
      verified: false,
      error: { code: 'STORED_DIFFERENTLY' },
    });
    expect(result.error?.message).toContain('status');
    expect(record?.values.status).toBe(status);
  });

  test('rounding within the declared scale is no difference', async () => {
    const api = await startRecordApi({ values: { latitude: 1 } });
    api.writes.push((_request, proceed) => ({ ...proceed(), body: { latitude: 47.63958 } }));
    const { result } = await new Engine(api.url).update({
      changes: { latitude: 47.639583 },
      fieldTypes: { latitude: { type: 'decimal', scale: 5 } },
    });
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(result.error).toBeUndefined();
  });

  test('Dataverse is sent only what differs', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url, { family: 'dataverse', collection: 'salesorders' });
    await engine.update({ changes: { status: 'Done', note: 'n0' } });
    expect(JSON.parse(api.written[0]?.body ?? '')).toEqual({ status: 'Done' });
  });
});
