import type { BulkSettings } from './bulk/settings';
import type { FaultRule } from './faults/fault-rules';
import { jsonObject } from './http/json-object';
import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';
import type { Load, LoadRates } from './people/interference';
import type { Fields } from './records/field-types';
import type { By } from './records/journal';
import type { RecordControl } from './records/record-control';
import { RECORD_KINDS } from './records/record-kinds';
import type { RecordKind } from './records/record-kinds';
import type { SapControl } from './sap/sessions';
import type { Stats } from './stats';
import { setCx } from './territories/cx';
import type { CxControl } from './territories/cx';

export const CONTROL_PREFIX = '/sandbox/';

const AUTHORS: readonly By[] = ['api', 'background', 'operator', 'seed'];

/** The faults that are switched on, for everything that comes in from now on. */
export interface FaultControl {
  /** Throws when the rule is not usable. */
  add(rule: FaultRule): void;
  clear(): void;
  /** The rules that can still strike. */
  list(): readonly FaultRule[];
}

/** What can be asked of a sandbox besides its APIs, with the records of every kind. */
export interface Controls extends Readonly<Record<RecordKind, RecordControl>> {
  readonly sap: SapControl;
  readonly cx: CxControl;
  readonly bulk: Readonly<BulkSettings>;
  /** Sets what is named, for everything that comes in from now on. Throws, naming the setting, on a bad value. */
  setBulk(changes: Readonly<Partial<BulkSettings>>): void;
  readonly faults: FaultControl;
  readonly load: LoadRates;
  /** Throws when the load is neither a known name nor rates between 0 and 1. */
  setLoad(load: Load): void;
  stats(): Stats;
  /** Every token handed out so far stops working. */
  revokeTokens(): void;
}

/** One control request, taken apart. */
interface Command {
  readonly sandbox: Controls;
  /** The records that `/orders`, `/work-orders` and so on in the path names. */
  readonly records: RecordControl;
  /** The last part of the path; empty when there is none. */
  readonly id: string;
  readonly body: Fields;
}

/** What each command answers with; undefined: there is nothing to say, 204. */
const COMMANDS: Readonly<Record<string, (command: Command) => unknown>> = {
  'GET stats': ({ sandbox }) => sandbox.stats(),
  'GET history': ({ records, id }) => records.history(id),
  'GET requests': ({ records, id }) => records.requests(id),
  'GET records': ({ records, id }) => (id === '' ? records.ids() : (records.get(id) ?? null)),
  'POST records': ({ records, body }) => ({ id: records.put(body) }),
  'PATCH records': ({ records, id, body }) => ({
    version: records.touch(id, fieldsIn(body), authorIn(body)),
  }),
  'DELETE records': ({ records, id }) => {
    records.remove(id);
  },
  'GET load': ({ sandbox }) => sandbox.load,
  'PUT load': ({ sandbox, body }) => {
    sandbox.setLoad(body.load as Load);
  },
  'GET faults': ({ sandbox }) => sandbox.faults.list(),
  'POST faults': ({ sandbox, body }) => {
    sandbox.faults.add(body as unknown as FaultRule);
  },
  'DELETE faults': ({ sandbox }) => {
    sandbox.faults.clear();
  },
  'DELETE tokens': ({ sandbox }) => {
    sandbox.revokeTokens();
  },
  'DELETE sessions': ({ sandbox }) => {
    sandbox.sap.expireSessions();
  },
  'GET cx': ({ sandbox }) => sandbox.cx,
  'PUT cx': ({ sandbox, body }) => {
    setCx(sandbox.cx, body);
  },
  'GET bulk': ({ sandbox }) => sandbox.bulk,
  'PUT bulk': ({ sandbox, body }) => {
    sandbox.setBulk(body);
  },
};

/**
 * The sandbox's own JSON interface, for tests and benchmarks in another process: `stats`, `load`,
 * `faults`, `tokens`, `sessions`, `cx`, `bulk`, and `history`, `requests`, `records` followed by
 * `/orders/<id>`, `/work-orders/<id>`, `/finance-orders/<id>` and so on.
 */
export function control(sandbox: Controls, request: ApiRequest): Reply {
  const [section = '', kind = 'orders', id = ''] = request.path
    .slice(CONTROL_PREFIX.length)
    .split('/');
  const command = COMMANDS[`${request.method} ${section}`];
  if (command === undefined) return problem(404, `There is no ${request.method} ${request.path}`);
  const body = bodyOf(request);
  if (body === undefined) return problem(400, 'Send a JSON object as application/json');
  try {
    const records = recordsOf(sandbox, kind);
    const answer = command({ sandbox, records, id: decodeURIComponent(id), body });
    if (answer === undefined) return { status: 204, headers: {}, body: '' };
    return jsonReply(answer === null ? 404 : 200, answer);
  } catch (error) {
    return problem(400, error instanceof Error ? error.message : String(error));
  }
}

/** Throws when there is no such kind. */
function recordsOf(sandbox: Controls, name: string): RecordControl {
  const kind = RECORD_KINDS.find(known => inPath(known) === name);
  if (kind === undefined) throw new Error(`Use one of ${RECORD_KINDS.map(inPath).join(', ')}`);
  return sandbox[kind];
}

/** `work-orders` for `workOrders`. */
function inPath(kind: string): string {
  return kind.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/**
 * The JSON object that was sent, empty when nothing was. Web pages can post other content types to
 * a loopback port without asking first, so only JSON counts.
 */
function bodyOf(request: ApiRequest): Fields | undefined {
  if (request.method === 'GET' || request.method === 'DELETE') return {};
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  return isJson ? jsonObject(request.body) : undefined;
}

function fieldsIn({ fields }: Fields): Fields {
  if (typeof fields === 'object' && fields !== null) return fields as Fields;
  throw new Error('fields: an object of field values');
}

function authorIn({ by = 'operator' }: Fields): By {
  const author = AUTHORS.find(known => known === by);
  if (author === undefined) throw new Error(`by: use one of ${AUTHORS.join(', ')}`);
  return author;
}

function problem(status: number, message: string): Reply {
  return jsonReply(status, { error: message });
}
