import { describe, expect, test } from 'vitest';
import type { FamilyId } from '../../../../lib/api/family-ids';
import { Engine, type EngineOptions, type RequestPart } from '../../../support/engine';
import {
  startRecordApi,
  type RecordApi,
  type RecordApiOptions,
  type Step,
} from '../../../support/engine-record';
import type { RecordKey } from '../../../../lib/record/fields';
import type { End, Fate, SentAs, TableCase } from './case';
import { CASES } from './cases';

interface Stage {
  readonly engine?: Omit<EngineOptions, 'key'> & { readonly key?: RecordKey };
  readonly record?: RecordApiOptions;
  /** The record as an answer to a read wraps it. */
  readonly shows?: (body: unknown) => unknown;
}

/** The company belongs to the key. */
const FINANCE_KEY: RecordKey = { dataAreaId: 'usmf', SalesOrderNumber: 'SO-1' };

/** Where the record of each family lies, and how it shows itself and its version. */
const STAGES: Partial<Record<FamilyId, Stage>> = {
  dataverse: { engine: { collection: 'salesorders' } },
  'finance-operations': { engine: { collection: 'SalesOrderHeadersV2', key: FINANCE_KEY } },
  'sap-gateway': { engine: { collection: 'A_SalesOrder' }, shows: body => ({ d: body }) },
  couchdb: { record: { evidence: 'field' } },
};

const PARTS: Partial<Record<SentAs, RequestPart>> = {
  put: { method: 'PUT' },
  merge: { method: 'MERGE' },
  forced: { force: true },
  action: { action: { name: 'Example.SetStatus', parameters: { status: 'Done' } } },
};

interface Behaviour extends TableCase {
  readonly fate: Fate;
  readonly end: End;
}

const BEHAVIOURS: readonly Behaviour[] = CASES.flatMap(one =>
  Object.entries(one.ends).map(([fate, end]) => ({ ...one, fate: fate as Fate, end })),
);

describe('what an update makes of an answer', () => {
  test.each(BEHAVIOURS.map(one => [nameOf(one), one] as const))('%s', async (_name, one) => {
    const [then, outcome, code] = one.end;
    const api = await startRecordApi(STAGES[one.family]?.record);
    disturb(api, one);
    const { result } = await engineFor(api, one).update(PARTS[one.sent]);
    const { class: responseClass, code: own } = one.means;
    const expected = code ?? own ?? responseClass.toUpperCase().replaceAll('-', '_');
    expect({ then: requestsAfter(api, one), outcome: result.outcome }).toEqual({ then, outcome });
    if (!ENDS_WELL.includes(outcome)) expect(result.error?.code).toBe(expected);
    expect(api.committed.length).toBeLessThanOrEqual(1);
    if (then.includes('write')) expect(repeated(api, one)).toBe(true);
  });
});

const ENDS_WELL: readonly string[] = ['updated', 'already-applied'];

function nameOf({ row, family, what, sent, fate, end }: Behaviour): string {
  const [then, outcome] = end;
  const number = row === undefined ? 'no row' : `row ${String(row)}`;
  const how = sent === 'patch' ? '' : ` (${sent})`;
  return `${number}: ${family}: ${what}${how}, record ${fate}: ${then === '' ? 'ends' : then}, ${outcome}`;
}

/** The first write, or the first read, gets the answer of the case. */
function disturb(api: RecordApi, { answer, family, fate, sent }: Behaviour): void {
  const step: Step = (_request, proceed) => {
    if (fate === 'applied') proceed();
    if (fate === 'moved') api.noise();
    if (fate === 'gone') api.isGone = true;
    return answer;
  };
  (sent === 'read' ? api.reads : api.writes).push(step);
  const shows = STAGES[family]?.shows;
  if (shows === undefined) return;
  api.everyRead = (_request, proceed) => {
    const reply = proceed();
    return { ...reply, body: shows(reply.body) };
  };
}

function engineFor(api: RecordApi, { family, settings, sent }: Behaviour): Engine {
  const options = STAGES[family]?.engine;
  const engine = new Engine(api.url, { ...options, family, rest: settings });
  if (sent === 'keyed') {
    let n = 0;
    const idempotency = { header: 'Idempotency-Key', newKey: () => `key-${String(++n)}` };
    Object.assign(engine.context, { idempotency });
  }
  return engine;
}

/** What the API was asked after the answer of the case. */
function requestsAfter(api: RecordApi, { sent }: Behaviour): string {
  const isRead = api.methods.map(method => method === 'GET');
  const at = sent === 'read' ? 0 : isRead.indexOf(false);
  const then = isRead.slice(at + 1);
  if (then.length > 3 && then.every(read => read)) return 'reads';
  return then.map(read => (read ? 'read' : 'write')).join(' ');
}

/** PUT sends the record as it is by then; every other write goes out as it was, with the key it had. */
function repeated({ written }: RecordApi, { sent, means }: Behaviour): boolean {
  const bodies = new Set(written.map(({ body }) => body));
  const keys = new Set(written.map(({ headers }) => headers['idempotency-key']));
  const sameKey = means.class !== 'in-progress' || (keys.size === 1 && !keys.has(undefined));
  return sameKey && (sent === 'put' || bodies.size === 1);
}
