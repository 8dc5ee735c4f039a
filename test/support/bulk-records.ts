import type { BatchAnswer, BulkApi, MemberAnswer } from '../../lib/api/bulk/bulk-api';
import type { Answer } from '../../lib/outcome/answer';
import { isFields, type Fields } from '../../lib/record/fields';
import { mergePatch } from '../../lib/record/merge';
import type { RecordRef } from '../../lib/record/ref';
import {
  startScriptedServer,
  type Reply,
  type Scripted,
  type ScriptedServer,
  type Seen,
} from './scripted-server';

export interface Row {
  version: number;
  values: Fields;
}

/** One write that the API took. */
export interface Taken {
  readonly id: string;
  readonly by: 'us' | 'others';
  readonly changes: Fields;
}

/** Stands in for one answer; `proceed` has the API do its own work. */
export type BulkStep = (request: Seen, proceed: () => Reply) => Scripted | Promise<Scripted>;

/**
 * An API with many records at `/orders/<id>`, a list at `/orders?ids=a,b` and batches at `POST /orders/bulk`:
 * `{items: [{id, etag, changes}], atomic}` → `{results: [{id, status, etag}]}`.
 */
export class BulkRecords {
  readonly rows = new Map<string, Row>();
  readonly history: Taken[] = [];
  /** Disturb the next requests of their kind, one step each. */
  readonly lists: BulkStep[] = [];
  readonly batches: BulkStep[] = [];
  readonly singles: BulkStep[] = [];
  /** Batches that are still under way, though nobody waits for them: each lands once the next request has been answered. */
  readonly late: (() => unknown)[] = [];
  /** Called for each member before it is written. */
  beforeWrite: (id: string) => void = () => undefined;
  /** Records in one list page. */
  page = Number.POSITIVE_INFINITY;
  private server: ScriptedServer | undefined;

  async start(count: number): Promise<this> {
    for (let n = 0; n < count; n++) this.rows.set(idOf(n), { version: 1, values: FIRST });
    this.server = await startScriptedServer(request => this.serve(request));
    return this;
  }

  get url(): string {
    return this.server?.url ?? '';
  }

  get requests(): readonly Seen[] {
    return this.server?.requests ?? [];
  }

  /** `GET list`, `POST bulk`, `GET one`, `PATCH one` in the order of arrival. */
  get kinds(): string[] {
    return this.requests.map(({ method, url }) => {
      if (url.startsWith('/orders?')) return `${method} list`;
      return url === '/orders/bulk' ? `${method} bulk` : `${method} one`;
    });
  }

  /** Somebody else writes. */
  change(id: string, changes: Fields): void {
    this.write(id, changes, 'others');
  }

  row(id: string): Row {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`no ${id}`);
    return row;
  }

  private serve(request: Seen): Scripted | Promise<Scripted> {
    const proceed = (): Reply => this.answer(request);
    const landing = this.late.splice(0);
    const step = this.stepsFor(request).shift();
    const reply = step === undefined ? proceed() : step(request, proceed);
    for (const land of landing) land();
    return reply;
  }

  private stepsFor({ url }: Seen): BulkStep[] {
    if (url.startsWith('/orders?')) return this.lists;
    return url === '/orders/bulk' ? this.batches : this.singles;
  }

  private answer(request: Seen): Reply {
    if (request.url.startsWith('/orders?')) return this.list(request);
    if (request.url === '/orders/bulk') return this.bulk(request);
    const id = request.url.slice('/orders/'.length);
    const row = this.rows.get(id);
    if (row === undefined) return { status: 404, body: { error: 'no such order' } };
    if (request.method === 'GET') return recordReply(row);
    const changes = JSON.parse(request.body) as Fields;
    const { status } = this.writeIf(id, request.headers['if-match'] ?? '', changes);
    return status === 200 ? recordReply(row) : { status, body: { error: 'stale' } };
  }

  private list({ url }: Seen): Reply {
    const query = new URL(url, 'http://localhost').searchParams;
    const ids = (query.get('ids') ?? '').split(',');
    const from = Number(query.get('from') ?? 0);
    const found = ids.filter(id => this.rows.has(id));
    const items = found.slice(from, from + this.page).map(id => ({
      id,
      etag: etagOf(this.row(id)),
      ...this.row(id).values,
    }));
    const next = from + this.page < found.length ? { next: from + this.page } : {};
    return { status: 200, body: { items, ...next } };
  }

  private bulk({ body }: Seen): Reply {
    const { items, atomic } = JSON.parse(body) as {
      items: { id: string; etag: string; changes: Fields }[];
      atomic: boolean;
    };
    if (!atomic) {
      const results = items.map(({ id, etag, changes }) => this.writeIf(id, etag, changes));
      return { status: 200, body: { results } };
    }
    for (const { id } of items) this.beforeWrite(id);
    const failed = items.findIndex(({ id, etag }) => this.statusFor(id, etag) !== 200);
    if (failed >= 0) {
      const { id = '', etag = '' } = items[failed] ?? {};
      return { status: this.statusFor(id, etag), body: { failed, error: 'rolled back' } };
    }
    const results = items.map(({ id, changes }) => this.write(id, changes, 'us'));
    return { status: 200, body: { results } };
  }

  private statusFor(id: string, etag: string): number {
    const row = this.rows.get(id);
    if (row === undefined) return 404;
    return etagOf(row) === etag ? 200 : 412;
  }

  private writeIf(id: string, etag: string, changes: Fields): Fields & { status: number } {
    this.beforeWrite(id);
    const status = this.statusFor(id, etag);
    if (status !== 200) return { id, status, error: 'refused' };
    return this.write(id, changes, 'us');
  }

  private write(id: string, changes: Fields, by: Taken['by']): Fields & { status: number } {
    const row = this.row(id);
    row.version += 1;
    row.values = mergePatch(row.values, changes) as Fields;
    this.history.push({ id, by, changes });
    return { id, status: 200, etag: etagOf(row) };
  }
}

const FIRST: Fields = { status: 'Open', note: 'n0', stock: 5 };

export function idOf(n: number): string {
  return `R${String(n).padStart(4, '0')}`;
}

function etagOf({ version }: Row): string {
  return `"v${String(version)}"`;
}

function recordReply(row: Row): Reply {
  return { status: 200, headers: { ETag: etagOf(row) }, body: row.values };
}

/** The dialect of this API. A list takes `listed` records, a batch 100. */
export function bulkOf(baseUrl: string, listed = 400): BulkApi {
  return {
    reads: {
      request: (refs, fields) => {
        const asked = refs.slice(0, listed);
        const names = fields === undefined ? '' : `&fields=${fields.join(',')}`;
        const url = `${baseUrl}/orders?ids=${idsOf(asked)}${names}`;
        return { request: { method: 'GET', url, headers: {} }, count: asked.length };
      },
      pageOf: (answer, refs) => {
        const { items, next } = answer.json as { items?: Fields[]; next?: number };
        if (!Array.isArray(items)) return undefined;
        const found = new Map(items.map(item => [placeOf(refs, item.id), alone(answer, item)]));
        const ids = idsOf(refs);
        const url = `${baseUrl}/orders?ids=${ids}&from=${String(next)}`;
        return {
          found,
          next: next === undefined ? undefined : { method: 'GET', url, headers: {} },
        };
      },
    },
    writes: {
      most: 100,
      canGroup: true,
      request: (members, { atomic }) => ({
        method: 'POST',
        url: `${baseUrl}/orders/bulk`,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          atomic,
          items: members.map(({ plan, request }) => ({
            id: plan.ref.key,
            etag: request.headers['If-Match'],
            changes: JSON.parse(request.body ?? '{}') as Fields,
          })),
        }),
      }),
      answersIn: (answer, members, { atomic }): BatchAnswer => {
        const { results, failed } = isFields(answer.json) ? answer.json : {};
        if (atomic && answer.status >= 400 && answer.status < 500) {
          const cause = typeof failed === 'number' ? failed : undefined;
          return { kind: 'rolled-back', cause, answer };
        }
        if (!Array.isArray(results)) return { kind: 'whole' };
        const told = new Map((results as Fields[]).map(result => [result.id, result]));
        return {
          kind: 'members',
          members: members.map(({ plan }) => memberOf(answer, told.get(plan.ref.key))),
        };
      },
    },
  };
}

function idsOf(refs: readonly RecordRef[]): string {
  return refs.map(({ key }) => key as string).join(',');
}

function placeOf(refs: readonly RecordRef[], id: unknown): number {
  return refs.findIndex(({ key }) => key === id);
}

function alone(answer: Answer, { etag, id, ...values }: Fields): Answer {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (typeof etag === 'string') headers.etag = etag;
  const cache = answer.headers['x-cache-status'];
  if (cache !== undefined) headers['x-cache-status'] = cache;
  const json = { id, ...values };
  return { ...answer, status: 200, headers, json, text: JSON.stringify(json) };
}

function memberOf(answer: Answer, result: Fields | undefined): MemberAnswer {
  if (result === undefined) return { kind: 'untold' };
  const { status, etag, error } = result;
  if (status === 0) return { kind: 'never-ran' };
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (typeof etag === 'string') headers.etag = etag;
  const json = error === undefined ? {} : { error };
  const text = error === undefined ? '' : JSON.stringify(json);
  return { kind: 'answer', answer: { ...answer, status: Number(status), headers, json, text } };
}
