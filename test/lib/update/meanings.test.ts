// Answers that mean something else than their status says, in whole updates.
import { describe, expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startRecordApi, type Step } from '../../support/engine-record';
import { startScriptedServer, type Reply } from '../../support/scripted-server';

const HTML = { 'content-type': 'text/html; charset=utf-8' };

describe('the reason of a refusal', () => {
  test.each([401, 400, 403])('case 1: comes with a %i, without the credentials', async status => {
    const api = await startRecordApi();
    api.everyWrite = { status, body: [{ errorCode: 'E7', message: 'Key s3cret-of-ours is old' }] };
    const auth = { kind: 'bearer', token: 's3cret-of-ours' } as const;
    const { result } = await new Engine(api.url, { transport: { auth } }).update();
    expect(result.error).toMatchObject({
      message: `HTTP ${String(status)}: Key ••• is old`,
      apiCode: 'E7',
    });
  });
});

describe('403 that means "slow down"', () => {
  const throttled: Reply = {
    status: 403,
    body: {
      error: {
        code: 403,
        message: 'Rate Limit Exceeded',
        errors: [{ reason: 'rateLimitExceeded' }],
      },
    },
  };

  test('case 2: the write waits and goes again', async () => {
    const api = await startRecordApi();
    api.writes.push(throttled);
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test('case 2: a read waits, too', async () => {
    const api = await startRecordApi();
    api.reads.push(throttled);
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('updated');
  });

  test('case 2: with Retry-After it holds the credential', async () => {
    const api = await startRecordApi();
    api.writes.push({ ...throttled, headers: { 'retry-after': '2.0' } });
    const engine = new Engine(api.url);
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(Math.max(...engine.time.waits)).toBeGreaterThanOrEqual(2000);
  });

  test.each([
    ['userRateLimitExceeded', 'User Rate Limit Exceeded'],
    ['REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'],
    ['SSS_REQUEST_LIMIT_EXCEEDED', 'Request limit exceeded'],
    ['CONCURRENT_REQUESTS_LIMIT_EXCEEDED', 'Concurrent request limit exceeded'],
    ['ConcurrencyLimitExceeded', 'Busy'],
    ['TooManyConcurrentRequests', 'Busy'],
    ['E7', 'The limit of 100 calls is exceeded: 120 calls per minute'],
    ['E7', 'Calls per second exceeded'],
    ['E7', 'Developer Over Qps'],
  ])('case 2: so do others who say it in their own words: %s, %s', async (code, message) => {
    const api = await startRecordApi();
    api.writes.push({ status: 403, body: { error: { code, message } } });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test.each([
    ['INSUFFICIENT_ACCESS', 'The credit limit of this customer was exceeded'],
    ['E7', 'You may not change the limit of calls'],
    ['E7', 'Requests over 10,000 need the approval of a manager'],
  ])('case 2: a right that is missing is no throttling: %s, %s', async (code, message) => {
    const api = await startRecordApi();
    api.everyWrite = { status: 403, body: { error: { code, message } } };
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('denied');
    expect(api.written).toHaveLength(1);
  });

  test.each([
    ['storageQuotaExceeded', 'Full'],
    ['storageQuotaExceeded', 'Quota exceeded for requests of this user'],
    ['STORAGE_LIMIT_EXCEEDED', 'Request limit exceeded: storage is full'],
  ])('case 2: a storage that is full ends at once: %s, %s', async (reason, message) => {
    const api = await startRecordApi();
    api.everyWrite = { status: 403, body: { error: { errors: [{ reason }], message } } };
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({
      outcome: 'denied',
      error: { code: 'STORAGE_FULL', apiCode: reason },
    });
    expect(api.written).toHaveLength(1);
  });
});

test('case 3: decimals in Retry-After are a floor', async () => {
  const api = await startRecordApi();
  api.writes.push({ status: 429, headers: { 'retry-after': '2.0' } });
  const engine = new Engine(api.url);
  const { result } = await engine.update();
  expect(result.outcome).toBe('updated');
  expect(api.written).toHaveLength(2);
  expect(engine.time.waits[0]).toBeGreaterThanOrEqual(2000);
});

describe('a lock that passes, told in words', () => {
  test('case 18: is waited for', async () => {
    const api = await startRecordApi();
    const message = 'unable to obtain exclusive access to this record';
    api.writes.push({ status: 400, body: [{ errorCode: 'UNABLE_TO_LOCK_ROW', message }] });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test.each(['rest', 'dataverse', 'sap-gateway', 'apriso'] as const)(
    'case 18: the endpoint names another text: %s',
    async family => {
      const busy = {
        status: 422,
        body: { error: { code: 'B7', message: 'Month is CLOSING now' } },
      };
      const api = await startRecordApi();
      if (family === 'sap-gateway') {
        api.everyRead = (_request, proceed) => ({ ...proceed(), body: { d: api.values } });
      }
      api.writes.push(busy);
      const rest = { retryText: 'is closing' };
      const { result } = await new Engine(api.url, { family, rest }).update();
      expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
      api.everyWrite = busy;
      const changes = { status: 'Again' };
      const last = await new Engine(api.url, { family, rest }).update({ changes });
      expect(last.result).toMatchObject({
        outcome: 'unavailable',
        error: { code: 'TRY_AGAIN', apiCode: 'B7' },
      });
    },
  );

  test('case 18: without the setting it ends at once', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 422, body: { message: 'Month is closing now' } };
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('rejected');
    expect(api.written).toHaveLength(1);
  });
});

describe('404 as a web page', () => {
  test.each(['dataverse', 'odata', 'sap-gateway', 'sap-cx', 'apriso', 'couchdb', 'rest'] as const)(
    'case U8: names the address called: %s',
    async family => {
      const page = { status: 404, headers: HTML, body: '<h1>Not Found</h1>' };
      const server = await startScriptedServer(() => page);
      const engine = new Engine(server.url, { family, basePath: '/api/v9' });
      const method = family === 'couchdb' ? 'PUT' : 'PATCH';
      const { result } = await engine.update({ method });
      expect(result).toMatchObject({ outcome: 'unsupported', error: { code: 'ADDRESS_UNKNOWN' } });
      expect(result.error?.message).toContain(`The address called was ${server.url}/api/v9/orders`);
      expect(result.error?.message).not.toContain('?');
    },
  );

  test('case U8: an empty 404 is a record that is gone', async () => {
    const server = await startScriptedServer(() => ({ status: 404, headers: HTML, body: '' }));
    const { result } = await new Engine(server.url).update();
    expect(result.outcome).toBe('not-found');
  });
});

test('case 17: a JSON object labelled as a web page is the record', async () => {
  const api = await startRecordApi();
  const labelled: Step = (_request, proceed) => {
    const { headers, ...reply } = proceed();
    return { ...reply, headers: { ...headers, ...HTML } };
  };
  api.everyRead = labelled;
  api.everyWrite = labelled;
  const { result } = await new Engine(api.url).update();
  expect(result.outcome).toBe('updated');
  expect(api.committed).toHaveLength(1);
});

describe('202 with a version', () => {
  const stored: Step = (_request, proceed) => {
    const { headers = {} } = proceed();
    return { status: 202, headers };
  };

  test('case 24: is applied when the next read shows it, whatever the values look like', async () => {
    const api = await startRecordApi();
    api.everyWrite = stored;
    api.everyRead = (_request, proceed) => ({
      ...proceed(),
      body: { ...api.values, status: String(api.values.status).toUpperCase() },
    });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({
      outcome: 'updated',
      error: { code: 'STORED_DIFFERENTLY' },
      reads: 2,
    });
  });

  test('case 24: that is still the old one proves nothing', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 202, headers: { etag: '"v1"' } };
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('uncertain');
    expect(api.written).toHaveLength(1);
  });
});

describe('answers for later, and elsewhere', () => {
  test('case U45: a read that is answered with 202 leaves nothing in doubt', async () => {
    const server = await startScriptedServer(() => ({ status: 202 }));
    const { result } = await new Engine(server.url).update();
    expect(result.outcome).toBe('unavailable');
  });

  test('case U45: 303 to a write that was carried out', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      return { status: 303, headers: { location: '/elsewhere' } };
    });
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('case U29: 201 to an update names the setting first', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 201 };
    const { result } = await new Engine(api.url).update();
    expect(result.error?.message).toMatch(/201 answers an update.*Otherwise check the key/);
  });
});

describe('a version that the API refuses', () => {
  const stuck: Step = { status: 412 };

  test('case 22: of the fields that were read: the version of the whole record is tried', async () => {
    const api = await startRecordApi();
    api.everyRead = ({ url }, proceed) => {
      const reply = proceed();
      return url.includes('fields=') ? { ...reply, headers: { etag: '"part"' } } : reply;
    };
    const engine = new Engine(api.url, { rest: { fieldsParameter: 'fields' } });
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, object, string]>([
    ['in the body', { etag: '"1-gzip"' }, {}, 'compress'],
    ['weak', { etag: 'W/"1"' }, {}, 'weak'],
    ['in a field', { etag: '"1"' }, { _rev: '7-a' }, 'Version field to _rev'],
    ['nowhere else', { etag: '"1"' }, {}, 'proxy'],
  ])('says what the read tells: another one %s', async (_what, headers, body, cause) => {
    const api = await startRecordApi();
    api.everyRead = { status: 200, headers, body: { status: 'Open', ...body } };
    api.everyWrite = stuck;
    const { result } = await new Engine(api.url).update();
    expect(result.error?.code).toBe('VERSION_NOT_PROGRESSING');
    expect(result.error?.message).toContain(cause);
  });

  test('says that the header has another one than the body', async () => {
    const api = await startRecordApi();
    const body = { '@odata.etag': 'W/"b1"', status: 'Open' };
    api.everyRead = { status: 200, headers: { etag: '"h1"' }, body };
    api.everyWrite = stuck;
    const { result } = await new Engine(api.url, { family: 'odata' }).update();
    expect(result.error?.message).toMatch(/taken from the body.*"h1".*ETag header/);
  });
});

describe('a media type that the API refuses', () => {
  test.each([406, 415])('%i to a read: a second look tells which', async status => {
    const api = await startRecordApi();
    api.everyRead = ({ headers }, proceed) =>
      headers.accept === '*/*' ? proceed() : { status, body: 'no' };
    const { result } = await new Engine(api.url, { family: 'odata' }).update();
    expect(result.outcome).toBe('unsupported');
    expect(result.error?.message).toMatch(
      /odata\.metadata=minimal.*without it answers application\/json.*generic REST/,
    );
  });

  test('406 whatever is asked for', async () => {
    const server = await startScriptedServer(() => ({ status: 406 }));
    const { result } = await new Engine(server.url).update();
    expect(result.error?.message).toContain('without it the answer is HTTP 406');
    expect(server.requests).toHaveLength(2);
  });

  test('415 to a write names what the API takes', async () => {
    const api = await startRecordApi();
    const headers = { 'accept-patch': 'application/merge-patch+json' };
    api.everyWrite = { status: 415, headers };
    const { result } = await new Engine(api.url).update();
    expect(result.error?.message).toContain('The API names application/merge-patch+json');
  });
});

describe('how Finance & Operations spells null', () => {
  const family = 'finance-operations';
  const key = { dataAreaId: 'usmf', SalesOrderNumber: 'SO-1' } as unknown as string;
  const at = { family, key, collection: 'SalesOrderHeadersV2' } as const;

  test.each([
    ['a date', '1900-01-01T12:00:00Z', '2025-02-08T12:00:00Z'],
    ['a text', '', 'Urgent'],
  ])('case 21b: the answer to %s set to null is lost', async (_what, blank, before) => {
    const api = await startRecordApi({ values: { Field: before } });
    const shown =
      (values: object): Step =>
      (_request, proceed) => {
        const reply = proceed();
        return { ...reply, body: values };
      };
    api.everyRead = (_request, proceed) => ({
      ...proceed(),
      body: { Field: api.values.Field ?? blank },
    });
    api.writes.push((_request, proceed) => {
      proceed();
      return { status: 500 };
    });
    const { result } = await new Engine(api.url, at).update({ changes: { Field: null } });
    expect(result.outcome).toBe('already-applied');
    api.everyRead = shown({ Field: blank });
    const again = await new Engine(api.url, at).update({ changes: { Field: null } });
    expect(again.result.outcome).toBe('unchanged');
  });

  test('case 21b: only there', async () => {
    const api = await startRecordApi({ values: { Field: '' } });
    const { result } = await new Engine(api.url).update({
      changes: { Field: null },
      snapshot: new Engine(api.url).snapshot('"v0"', { Field: 'x' }),
    });
    expect(result.outcome).not.toBe('unchanged');
  });
});

describe('a version that others seem to move before each write', () => {
  test('is told apart from one that every answer makes anew', async () => {
    const api = await startRecordApi();
    let n = 0;
    api.everyRead = (_request, proceed) => ({
      ...proceed(),
      headers: { etag: `"answer-${String(++n)}"` },
    });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'HOT_RECORD' } });
    expect(result.error?.message).toContain('a new version for every answer');
  });

  test('is what it seems where it stays while nobody writes', async () => {
    const api = await startRecordApi();
    api.everyWrite = (_request, proceed) => {
      api.noise();
      return proceed();
    };
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'HOT_RECORD' } });
    expect(result.error?.message).toContain('Others changed this record before each');
  });
});
