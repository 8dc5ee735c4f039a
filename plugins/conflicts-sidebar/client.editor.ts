import type { MonitorReport, ReportQuery } from '../../lib/monitor/report';
import type { BulkPlan, ReviewFilter, ReviewPage, ReviewQuery } from '../../lib/review/desk';
import type { BulkAction, BulkWish } from '../../lib/review/desk';
import type { ReviewAction } from '../../lib/review/dead-letter';
import type { ActFace, BulkFace, ErrorAnswer, HomeAnswer, LookFace, StoredFace } from './shapes';

const ROOT = 'record-updates';

/** A request that was refused, or was not answered at all (status 0). */
export class RequestFault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is wanted of one entry. `changes` and `shown` are JSON texts of objects. */
export interface ActWish {
  readonly action: ReviewAction;
  readonly revision?: number;
  readonly shown?: string;
  readonly reason?: string;
  readonly changes?: string;
  readonly confirmed?: boolean;
  readonly baseUrl?: string;
}

export type ManyWish = Omit<BulkWish, 'by'> & { readonly action: BulkAction };

export function askHome(): Promise<HomeAnswer> {
  return ask('GET', `${ROOT}/review`);
}

/** What can be asked of one list of dead letters. Everything rejects with RequestFault. */
export class ListClient {
  constructor(readonly id: string) {}

  list(query: ReviewQuery): Promise<ReviewPage> {
    return ask('GET', `${this.path('entries')}?${search(query)}`);
  }

  entry(id: string): Promise<StoredFace> {
    return ask('GET', this.path('entries', id));
  }

  look(id: string): Promise<LookFace> {
    return ask('POST', this.path('entries', id, 'look'), {});
  }

  act(id: string, wish: ActWish): Promise<ActFace> {
    return ask('POST', this.path('entries', id, 'act'), wish);
  }

  plan(wish: ManyWish): Promise<BulkPlan> {
    return ask('POST', this.path('plan'), wish);
  }

  start(plan: string): Promise<BulkFace> {
    return ask('POST', this.path('start'), { plan });
  }

  stop(): Promise<BulkFace> {
    return ask('POST', this.path('stop'), {});
  }

  progress(): Promise<BulkFace> {
    return ask('GET', this.path('progress'));
  }

  /** By a request of the page, for only that carries the sign-in. */
  csv(filter: ReviewFilter): Promise<Blob> {
    return send({
      url: `${this.path('csv')}?${search(filter)}`,
      method: 'GET',
      xhrFields: { responseType: 'blob' },
      processData: false,
    });
  }

  private path(...parts: readonly string[]): string {
    return [ROOT, 'review', ...[this.id, ...parts].map(encodeURIComponent)].join('/');
  }
}

/** An endpoint whose updates are counted. */
export interface MonitoredEndpoint {
  readonly id: string;
  readonly name: string;
  readonly types: readonly string[];
}

export function askMonitors(): Promise<readonly MonitoredEndpoint[]> {
  return ask('GET', `${ROOT}/monitor`);
}

export function askReport(endpoint: string, query: ReportQuery): Promise<MonitorReport> {
  const { type, timeZone: zone, days } = query;
  return ask(
    'GET',
    `${ROOT}/monitor/${encodeURIComponent(endpoint)}?${search({ type, zone, days })}`,
  );
}

/** Members as a query; a list of texts names its member several times. */
function search(members: object): string {
  const pairs = Object.entries(members).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value])
      .filter(one => one !== undefined && one !== '')
      .map(one => [name, String(one)]),
  );
  return new URLSearchParams(pairs).toString();
}

function ask<Answer>(method: 'GET' | 'POST', url: string, body?: object): Promise<Answer> {
  return send({
    url,
    method,
    dataType: 'json',
    ...(body === undefined
      ? {}
      : { contentType: 'application/json; charset=utf-8', data: JSON.stringify(body) }),
  });
}

/** By the editor's own way, which knows the address of the admin API and who is signed in. */
function send<Answer>(settings: JQuery.AjaxSettings): Promise<Answer> {
  return new Promise((resolve, reject) => {
    void $.ajax(settings).then(
      (answer: Answer) => {
        resolve(answer);
      },
      (refused: unknown) => {
        const { status, responseJSON } = refused as { status: number; responseJSON?: unknown };
        const { error } = (responseJSON ?? {}) as Partial<ErrorAnswer>;
        reject(new RequestFault(status, error?.code ?? '', error?.message ?? ''));
      },
    );
  });
}
