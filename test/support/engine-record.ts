import { isFields, type Fields } from '../../lib/record/fields';
import { parseExact } from '../../lib/record/json';
import { mergePatch } from '../../lib/record/merge';
import {
  startScriptedServer,
  type Reply,
  type Scripted,
  type ScriptedServer,
  type Seen,
} from './scripted-server';

/** How the API shows a version and takes it back. */
export type Evidence = 'etag' | 'last-modified' | 'field';

export interface RecordApiOptions {
  readonly values?: Fields;
  readonly evidence?: Evidence;
  readonly etag?: (n: number) => string;
  /** What a successful write answers: the record, nothing but the version, or nothing at all. */
  readonly answers?: 'record' | 'version' | 'nothing';
  /** What an action called with POST makes of its parameters. */
  readonly action?: (parameters: Fields) => Fields;
}

/** One committed change. */
export interface Commit {
  readonly by: 'us' | 'operator' | 'background';
  readonly values: Fields;
}

/** Stands in for one answer: the record is asked for its own answer with `proceed`. */
export type Step =
  Scripted | ((request: Seen, proceed: () => Reply) => Scripted | Promise<Scripted>);

/** An API with one record, true to its version, and steps that disturb single answers. */
export class RecordApi {
  values: Fields;
  isGone = false;
  readonly history: Commit[] = [];
  /** Disturb the next reads or writes, one step each. */
  readonly reads: Step[] = [];
  readonly writes: Step[] = [];
  /** Disturb every read or write that has no step of its own. */
  everyRead: Step | undefined;
  everyWrite: Step | undefined;
  private n = 1;
  private server: ScriptedServer | undefined;

  constructor(private readonly options: RecordApiOptions) {
    this.values = options.values ?? { status: 'Open', note: 'n0', owner: 'o0' };
  }

  get url(): string {
    return this.server?.url ?? '';
  }

  get requests(): readonly Seen[] {
    return this.server?.requests ?? [];
  }

  /** Methods in the order in which they arrived. */
  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** Bodies and headers of the writes. */
  get written(): Seen[] {
    return this.requests.filter(({ method }) => method !== 'GET');
  }

  /** Writes of ours that the record took. */
  get committed(): Commit[] {
    return this.history.filter(({ by }) => by === 'us');
  }

  get version(): string {
    return this.versionAt(this.n);
  }

  async start(): Promise<this> {
    this.server = await startScriptedServer(request => this.serve(request));
    return this;
  }

  /** Changes the record as somebody else would. */
  change(values: Fields, by: Commit['by'] = 'operator'): void {
    this.commit(values, by);
  }

  /** A change that concerns no field of an update. */
  noise(): void {
    this.change({ touched: this.n }, 'background');
  }

  /** What the record itself answers. */
  private proceed(request: Seen): Reply {
    if (this.isGone) return { status: 404, body: { error: 'Not Found' } };
    if (request.method === 'GET') return this.shown();
    const body: unknown = parseExact(request.body);
    if (!this.holds(request, body)) return { status: this.mismatchStatus };
    const { answers = 'record', action = (parameters: Fields) => parameters } = this.options;
    const values = isFields(body) ? body : {};
    const isAction = request.method === 'POST';
    this.commit(isAction ? action(values) : values, 'us', request.method === 'PUT');
    if (answers === 'record') return this.shown();
    return { status: 204, headers: answers === 'version' ? this.versionHeaders : {} };
  }

  private serve(request: Seen): Scripted | Promise<Scripted> {
    const isRead = request.method === 'GET';
    const step = isRead
      ? (this.reads.shift() ?? this.everyRead)
      : (this.writes.shift() ?? this.everyWrite);
    if (typeof step === 'function') return step(request, () => this.proceed(request));
    return step ?? this.proceed(request);
  }

  private commit(values: Fields, by: Commit['by'], isWhole = false): void {
    const merged = isWhole ? values : mergePatch(this.values, values);
    this.values = isFields(merged) ? merged : {};
    this.n += 1;
    this.history.push({ by, values });
  }

  private shown(): Reply {
    const { evidence } = this.options;
    const body = evidence === 'field' ? { ...this.values, _rev: this.version } : this.values;
    return { status: 200, headers: this.versionHeaders, body };
  }

  private get versionHeaders(): Record<string, string> {
    const { evidence = 'etag' } = this.options;
    if (evidence === 'etag') return { etag: this.version };
    return evidence === 'field' ? {} : { 'last-modified': this.version };
  }

  private get mismatchStatus(): number {
    return this.options.evidence === 'field' ? 409 : 412;
  }

  private holds({ headers }: Seen, body: unknown): boolean {
    switch (this.options.evidence ?? 'etag') {
      case 'etag':
        return headers['if-match'] === this.version || headers['if-match'] === '*';
      case 'last-modified':
        return headers['if-unmodified-since'] === this.version;
      case 'field':
        return isFields(body) && body._rev === this.version;
    }
  }

  private versionAt(n: number): string {
    const { evidence = 'etag', etag = () => `"v${String(n)}"` } = this.options;
    if (evidence === 'etag') return etag(n);
    return evidence === 'field'
      ? `${String(n)}-abc`
      : new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toUTCString();
  }
}

export function startRecordApi(options: RecordApiOptions = {}): Promise<RecordApi> {
  return new RecordApi(options).start();
}

/** The record takes the write, but its answer never arrives. */
export const lost: Step = (_request, proceed) => {
  proceed();
  return 'reset';
};

/** Something happens to the record just before it handles the request. */
export function preceded(happening: () => void): Step {
  return (_request, proceed) => {
    happening();
    return proceed();
  };
}
