// Batches of OData as a whole: family, dialect and driver, against scripted answers.
import { expect, test } from 'vitest';
import { createFamily } from '../../../../lib/api/families';
import { createBulkApi } from '../../../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS } from '../../../../lib/api/bulk/settings';
import { DEFAULT_API_SETTINGS } from '../../../../lib/api/settings';
import type { BulkOptions } from '../../../../lib/update/bulk/bulk';
import { BulkEngine } from '../../../support/bulk-engine';
import {
  startScriptedServer,
  type Reply,
  type Scripted,
  type Seen,
} from '../../../support/scripted-server';

const CRLF = '\r\n';

function guid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

interface PartAnswer {
  readonly id?: string;
  readonly status: number;
  readonly etag?: string;
  readonly body?: unknown;
}

/** The multipart answer; a part without an id is the only one of a change set that failed. */
function multipart(parts: readonly PartAnswer[], status = 200): Reply {
  const texts = parts.map(part => `--answer${CRLF}${partText(part)}${CRLF}`);
  return {
    status,
    headers: { 'content-type': 'multipart/mixed; boundary=answer' },
    body: `${texts.join('')}--answer--${CRLF}`,
  };
}

function partText({ id, status, etag, body }: PartAnswer): string {
  const head = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
  ];
  const inner = [
    `HTTP/1.1 ${String(status)} Whatever`,
    ...(etag === undefined ? [] : [`ETag: ${etag}`]),
    ...(body === undefined ? [] : ['Content-Type: application/json']),
  ];
  const text = body === undefined ? '' : JSON.stringify(body);
  return [...head, '', ...inner, '', text].join(CRLF);
}

/** Rows of Dataverse with a version each: lists show them, `batch` answers the writes. */
async function start(
  count: number,
  batch: (ids: readonly string[], call: number, request: Seen) => Scripted,
  options: Partial<BulkOptions> = {},
) {
  const versions = new Map(Array.from({ length: count }, (_, n) => [guid(n), 1]));
  const status = new Map<string, string>();
  let calls = 0;
  const server = await startScriptedServer(request => {
    if (request.url.endsWith('$batch')) {
      const ids = [...request.body.matchAll(/^Content-ID: (.*)\r$/gm)].map(match => match[1] ?? '');
      return batch(ids, calls++, request);
    }
    const value = [...versions].map(([id, version]) => ({
      '@odata.etag': `W/"${String(version)}"`,
      orderid: id,
      status: status.get(id) ?? 'Open',
    }));
    const alone = value.find(({ orderid }) => request.url.includes(`(${orderid})`));
    return { status: 200, headers: JSON_TYPE, body: alone ?? { value } };
  });
  const family = createFamily('dataverse', DEFAULT_API_SETTINGS);
  const engine = new BulkEngine(server.url, {
    family: 'dataverse',
    options,
    bulk: baseUrl =>
      createBulkApi(family, {
        settings: DEFAULT_API_SETTINGS,
        bulk: { ...DEFAULT_BULK_SETTINGS, keyField: 'orderid' },
        baseUrl,
      }),
  });
  const members = Array.from({ length: count }, (_, index) => ({
    index,
    request: engine.request({
      changes: { status: 'Done' },
      ref: engine.family.locate(server.url, 'orders', guid(index)),
    }),
  }));
  const batches = () => server.requests.filter(({ url }) => url.endsWith('$batch'));
  return { run: () => engine.run(members), batches, versions, status };
}

const JSON_TYPE = { 'content-type': 'application/json' };

const STALE = { error: { code: '0x80060882', message: 'The version of the existing record' } };

function allOf(ids: readonly string[]): PartAnswer[] {
  return ids.map(id => ({ id, status: 204 }));
}

test('row 54: an envelope with an error status and parts is told by its parts', async () => {
  const { run, versions, batches } = await start(3, (ids, call) => {
    if (call > 0) return multipart(allOf(ids));
    versions.set(guid(1), 2);
    const parts = ids.map((id, n) =>
      n === 1 ? { id, status: 412, body: STALE } : { id, status: 204 },
    );
    return multipart(parts, 412);
  });
  const { outcomes, summary } = await run();
  expect(outcomes).toEqual(['updated', 'updated', 'updated']);
  expect(summary.retries).toBe(1);
  expect(batches()).toHaveLength(1);
});

test('row 55: behind the error at which the API stopped nothing ran, and goes again uncounted', async () => {
  const { run } = await start(4, (ids, call) => {
    const [first = '', second = ''] = ids;
    if (call > 0) return multipart(allOf(ids));
    return multipart(
      [
        { id: first, status: 204 },
        { id: second, status: 400, body: { error: {} } },
      ],
      400,
    );
  });
  const { outcomes, outputs } = await run();
  expect(outcomes).toEqual(['updated', 'rejected', 'updated', 'updated']);
  expect(outputs.map(({ result }) => result.attempts.length)).toEqual([1, 1, 1, 1]);
});

test('row 55: a part that is missing in the middle is in doubt', async () => {
  const { run, status, versions } = await start(3, (ids, call) => {
    if (call > 0) return multipart(allOf(ids));
    status.set(guid(1), 'Done');
    versions.set(guid(1), 2);
    return multipart(allOf(ids).toSpliced(1, 1));
  });
  const { outcomes } = await run();
  expect(outcomes).toEqual(['updated', 'already-applied', 'updated']);
});

test('row 56, trap 20: one member that failed undoes all, whatever the others show', async () => {
  const { run, versions, batches } = await start(
    3,
    (ids, call) => {
      if (call > 0) return multipart(allOf(ids));
      versions.set(guid(2), 2);
      return multipart(allOf(ids).with(2, { id: ids[2] ?? '', status: 412, body: STALE }));
    },
    { atomic: true },
  );
  const { outcomes, outputs } = await run();
  expect(outcomes).toEqual(['updated', 'updated', 'updated']);
  expect(batches()).toHaveLength(2);
  expect(outputs.map(({ result }) => result.attempts.length)).toEqual([1, 1, 2]);
});

test('row 57: after a lost answer every member is in doubt, and settled by a read', async () => {
  const { run, status, versions } = await start(4, (ids, call) => {
    if (call > 0) return multipart(allOf(ids));
    for (const n of [0, 3]) {
      status.set(guid(n), 'Done');
      versions.set(guid(n), 2);
    }
    return 'reset';
  });
  const { outcomes } = await run();
  expect(outcomes).toEqual(['already-applied', 'updated', 'updated', 'already-applied']);
});

test('row 42: a member that another one took along goes again', async () => {
  const { run } = await start(2, (ids, call) => {
    if (call > 0) return multipart(allOf(ids));
    return multipart([
      { id: ids[0] ?? '', status: 204 },
      { id: ids[1] ?? '', status: 424 },
    ]);
  });
  const { outcomes, outputs } = await run();
  expect(outcomes).toEqual(['updated', 'updated']);
  expect(outputs[1]?.result.attempts).toHaveLength(1);
});

test('trap 21: the envelope carries no precondition and says what to do after an error', async () => {
  const { run, batches } = await start(2, ids => multipart(allOf(ids)));
  await run();
  const [batch] = batches();
  expect(batch?.headers).not.toHaveProperty('if-match');
  expect(batch?.headers).not.toHaveProperty('if-none-match');
  expect(batch?.headers.prefer).toBe('odata.continue-on-error');
  expect(batch?.body.match(/^If-Match: W\/"1"\r$/gim)).toHaveLength(2);
});
