import type { BatchEndpoint, Part } from './bulk/plan';
import { runPlan } from './bulk/run';
import type { Carrier, PartCall } from './bulk/run';
import { replyInstead, spoil } from './faults/fault-replies';
import type { Subject } from './faults/faults';
import { isJson, jsonObject } from './http/json-object';
import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';
import { TOKEN_PATH } from './oauth';
import { hashText } from './random';
import type { Place, RecordApi } from './records/record-api';
import type { World } from './world';

/** One request on its way through delay, faults and API. */
export interface Call {
  readonly subject: Subject;
  /** Calls back exactly once, at once unless the request has parts that take their time. */
  process(answer: (reply: Reply) => void): void;
  spell(status: number): Reply;
  /** Told the final answer. */
  log(reply: Reply): void;
}

type Later = Carrier['later'];

/** Finds out where requests go. */
export class Calls {
  private strays = 0;

  constructor(
    private readonly world: World,
    private readonly later: Later,
  ) {}

  /** `later` is how parts of the request wait. */
  of(request: ApiRequest): Call {
    const batch = this.world.batchAt(request.path);
    if (batch !== undefined) return this.batchCall(request, batch);
    const described = this.describingCall(request);
    if (described !== undefined) return described;
    const api = this.world.apiAt(request.path);
    return api === undefined ? this.tokenCall(request) : this.recordCall(request, api);
  }

  private recordCall(request: ApiRequest, api: RecordApi): Call {
    const place = api.locate(request.path);
    const subject = this.subjectOf(request, api, place);
    return {
      subject,
      process: answer => {
        answer(withAlways(api, this.allowed(request, api) ?? api.handle(request, place)));
      },
      spell: status => withAlways(api, api.error(status)),
      log: reply => {
        logRequest(api, subject, request, reply);
      },
    };
  }

  /** What an API says of its records is read like a record. */
  private describingCall(request: ApiRequest): Call | undefined {
    const reply = this.world.descriptions.at(request);
    if (reply === undefined) return undefined;
    const api = this.world.apiAt(request.path) ?? this.world.apis.financeOrders;
    return {
      subject: this.stray('read', undefined),
      process: answer => {
        answer(this.allowed(request, api) ?? reply);
      },
      spell: status => api.error(status),
      log: () => undefined,
    };
  }

  private batchCall(request: ApiRequest, endpoint: BatchEndpoint): Call {
    const [api] = endpoint.apis;
    let logParts = (_reply: Reply): void => undefined;
    return {
      subject: { ...this.stray('write', undefined), role: 'batch' },
      process: answer => {
        const plan = this.allowed(request, api) ?? endpoint.plan(request);
        if ('status' in plan) {
          answer(withAlways(api, plan));
          return;
        }
        runPlan(plan, this.carrier(request, endpoint), finish => {
          logParts = finish.log;
          answer(withAlways(api, finish.reply));
        });
      },
      spell: status => withAlways(api, api.error(status)),
      log: reply => {
        logParts(reply);
      },
    };
  }

  private carrier(envelope: ApiRequest, endpoint: BatchEndpoint): Carrier {
    const { apis } = endpoint;
    return {
      apis,
      settings: this.world.bulk,
      call: part => this.partCall(part, apis, envelope),
      later: this.later,
      overtime: () =>
        this.world.bulk.overtime === 'timeout'
          ? gatewayTimeout()
          : (endpoint.overtime?.() ?? apis[0].error(429)),
    };
  }

  /** A part goes the way of a request that came in alone, faults included. */
  private partCall(part: Part, apis: Carrier['apis'], envelope: ApiRequest): PartCall {
    const request = this.partRequest(part.request, envelope);
    const known = apis.find(({ prefix }) => request.path.startsWith(prefix));
    const api = known ?? apis[0];
    const place = known?.locate(request.path) ?? { kind: 'refused', reply: api.error(404) };
    const subject: Subject = { ...this.subjectOf(request, api, place), role: 'part' };
    const { counters, faults } = this.world;
    return {
      delay: faults.delayOf(subject),
      process: () => this.struck(subject, api, () => api.handle(request, place), request),
      log: reply => {
        counters.partEnded(request.method, reply.status);
        logRequest(api, subject, { ...request, headers: part.request.headers }, reply);
      },
    };
  }

  private struck(
    subject: Subject,
    api: RecordApi,
    handle: () => Reply,
    request: ApiRequest,
  ): Reply {
    const { faults } = this.world;
    const spell = (status: number): Reply => api.error(status);
    const instead = faults.before(subject);
    if (instead !== undefined) return replyInstead(instead, spell);
    const reply = refusedType(request, api) ?? handle();
    const after = reply.status >= 300 ? undefined : faults.after(subject);
    return after === undefined ? reply : spoil(after, reply, spell);
  }

  /** Who sends a part is told by the envelope. */
  private partRequest(request: ApiRequest, { headers }: ApiRequest): ApiRequest {
    const { host, authorization, cookie, 'x-csrf-token': token } = headers;
    const { 'if-match': ifMatch } = request.headers;
    const isIgnored = ifMatch !== undefined && this.world.bulk.ignoresIfMatch;
    const own = isIgnored ? { ...request.headers, 'if-match': '*' } : request.headers;
    return { ...request, headers: { ...own, host, authorization, cookie, 'x-csrf-token': token } };
  }

  private tokenCall(request: ApiRequest): Call {
    const isToken = request.path === TOKEN_PATH;
    return {
      subject: this.stray('token', isToken ? 'token' : 'nowhere'),
      process: answer => {
        answer(isToken ? this.world.tokens.handle(request) : notFound());
      },
      spell: status => jsonReply(status, { error: 'temporarily_unavailable' }),
      log: () => undefined,
    };
  }

  /** The refusal of a request that is too large or has no good token, or no JSON body where one is due. */
  private allowed(request: ApiRequest, api: RecordApi): Reply | undefined {
    const { tokenRequired, tokens, bulk } = this.world;
    const { path, query, body, headers } = request;
    if (path.length + query.length > bulk.maxAddress) return api.error(414);
    if (Buffer.byteLength(body) > bulk.maxBodyBytes) return api.error(413);
    if (tokenRequired && !tokens.accepts(headers.authorization)) return api.error(401);
    return this.world.batchAt(path) === undefined ? refusedType(request, api) : undefined;
  }

  private subjectOf(request: ApiRequest, api: RecordApi, place: Place): Subject {
    const kind = request.method === 'GET' ? 'read' : 'write';
    const row = api.rowAt(place);
    if (row === undefined) return this.stray(kind, place.kind === 'record' ? place.id : undefined);
    const turn = kind === 'read' ? row.reads++ : row.writes++;
    return { kind, record: row.id, hash: row.hash, turn };
  }

  /** A request for something that is no record; all of them share one count of turns. */
  private stray(kind: Subject['kind'], record: string | undefined): Subject {
    this.strays += 1;
    return { kind, record, hash: hashText(kind, 0), turn: this.strays };
  }
}

/** A batch says itself what its body may be. */
function refusedType(request: ApiRequest, api: RecordApi): Reply | undefined {
  return request.body === '' || isJson(request) ? undefined : api.error(415);
}

function withAlways({ always }: RecordApi, reply: Reply): Reply {
  return always === undefined ? reply : { ...reply, headers: { ...always, ...reply.headers } };
}

function logRequest(api: RecordApi, subject: Subject, request: ApiRequest, reply: Reply): void {
  const { journal } = api.store;
  const { record, role } = subject;
  if (record === undefined || !journal.enabled) return;
  const { 'if-match': ifMatch, 'idempotency-key': key } = request.headers;
  const fields = request.method === 'GET' ? undefined : jsonObject(request.body);
  journal.requested(record, {
    at: new Date().toISOString(),
    method: request.method,
    status: reply.status,
    answered: reply.cut === undefined,
    ...(role === 'part' ? { part: true } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(key === undefined ? {} : { idempotencyKey: String(key) }),
    ...(fields === undefined ? {} : { fields }),
  });
}

function gatewayTimeout(): Reply {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status: 504, headers, body: 'The upstream server did not answer in time.' };
}

function notFound(): Reply {
  return jsonReply(404, { error: 'Not Found' });
}
