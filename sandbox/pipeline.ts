import { replyInstead, spoil } from './faults/fault-replies';
import type { Subject } from './faults/faults';
import { jsonObject } from './http/json-object';
import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';
import { TOKEN_PATH } from './oauth';
import { hashText } from './random';
import type { Place, RecordApi } from './records/record-api';
import type { World } from './world';

/** One request on its way through delay, faults and API. */
interface Call {
  readonly request: ApiRequest;
  readonly subject: Subject;
  process(): Reply;
  spell(status: number): Reply;
  /** Told the final answer. */
  log(reply: Reply): void;
}

/** Takes requests through the faults to the API they name. */
export class Pipeline {
  private readonly waiting = new Set<NodeJS.Timeout>();
  private strays = 0;

  constructor(private readonly world: World) {}

  /** Calls `answer` exactly once, unless the pipeline is closed first. */
  serve(request: ApiRequest, answer: (reply: Reply) => void): void {
    const { counters, faults } = this.world;
    counters.began(request.method);
    const call = this.callFor(request);
    const finish = (): void => {
      const reply = this.run(call);
      counters.ended(reply.status);
      call.log(reply);
      answer(reply);
    };
    const delay = faults.delayOf(call.subject);
    if (delay > 0) this.later(delay, finish);
    else finish();
  }

  /** Requests that still wait are dropped. */
  close(): void {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
  }

  private later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      action();
    }, ms);
    this.waiting.add(timer);
  }

  private run(call: Call): Reply {
    const { faults } = this.world;
    const instead = faults.before(call.subject);
    if (instead !== undefined) return replyInstead(instead, status => call.spell(status));
    const reply = call.process();
    if (reply.status >= 300) return reply;
    const after = faults.after(call.subject);
    return after === undefined ? reply : spoil(after, reply, status => call.spell(status));
  }

  private callFor(request: ApiRequest): Call {
    const api = this.world.apiAt(request.path);
    return api === undefined ? this.tokenCall(request) : this.recordCall(request, api);
  }

  private recordCall(request: ApiRequest, api: RecordApi): Call {
    const place = api.locate(request.path);
    const subject = this.subjectOf(request, api, place);
    return {
      request,
      subject,
      process: () => this.allowed(request, api) ?? api.handle(request, place),
      spell: status => api.error(status),
      log: reply => {
        logRequest(api, subject.record, request, reply);
      },
    };
  }

  private tokenCall(request: ApiRequest): Call {
    const isToken = request.path === TOKEN_PATH;
    return {
      request,
      subject: this.stray('token', isToken ? 'token' : 'nowhere'),
      process: () => (isToken ? this.world.tokens.handle(request) : notFound()),
      spell: status => jsonReply(status, { error: 'temporarily_unavailable' }),
      log: () => undefined,
    };
  }

  /** The refusal of a request without a good token, or without a JSON body where one is due. */
  private allowed(request: ApiRequest, api: RecordApi): Reply | undefined {
    const { tokenRequired, tokens } = this.world;
    if (tokenRequired && !tokens.accepts(request.headers.authorization)) return api.error(401);
    if (request.body !== '' && !/\bjson\b/i.test(request.headers['content-type'] ?? ''))
      return api.error(415);
    return undefined;
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

function logRequest(
  api: RecordApi,
  record: string | undefined,
  request: ApiRequest,
  reply: Reply,
): void {
  const { journal } = api.store;
  if (record === undefined || !journal.enabled) return;
  const { 'if-match': ifMatch, 'idempotency-key': key } = request.headers;
  const fields = request.method === 'GET' ? undefined : jsonObject(request.body);
  journal.requested(record, {
    at: new Date().toISOString(),
    method: request.method,
    status: reply.status,
    answered: reply.cut === undefined,
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(key === undefined ? {} : { idempotencyKey: String(key) }),
    ...(fields === undefined ? {} : { fields }),
  });
}

function notFound(): Reply {
  return jsonReply(404, { error: 'Not Found' });
}
