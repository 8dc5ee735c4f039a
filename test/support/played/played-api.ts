import type { UpdateMethod } from '../../../lib/api/family';
import type { Outcome } from '../../../lib/outcome/outcome';
import type { Fields, RecordKey } from '../../../lib/record/fields';
import type { RecipeId } from '../../../nodes/record-endpoint/recipes';
import { startScriptedServer, type Reply, type Seen } from '../scripted-server';

/** The one record of an API that is played. */
export class PlayedRecord {
  values: Record<string, unknown>;
  revision = 3;
  /** The revision that last changed each field. */
  readonly changed = new Map<string, number>();

  constructor(values: Fields) {
    this.values = structuredClone(values);
  }

  /** When it was last changed, two seconds apart: some APIs tell whole seconds. */
  get modified(): Date {
    return new Date(Date.UTC(2026, 1, 8, 10) + this.revision * 2_000);
  }

  /** A change by whoever, which moves the version. */
  write(changes: Fields): void {
    this.replace({ ...this.values, ...changes });
    for (const name of Object.keys(changes)) this.changed.set(name, this.revision);
  }

  replace(values: Fields): void {
    this.values = structuredClone(values);
    this.revision += 1;
  }
}

export interface PlayedRequest extends Seen {
  /** Below the origin, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly json: unknown;
  /** Of the media type, without parameters. */
  readonly type: string;
}

/**
 * An API that behaves as its documentation says, with what it refuses. It knows nothing of how this package asks.
 */
export interface PlayedApi {
  /** The recipe that sets the endpoint up. */
  readonly recipe: RecipeId;
  /** In place of the recipe's name, where it is played twice. */
  readonly name?: string;
  /** Path of the base URL. */
  readonly base: string;
  readonly collection: string;
  readonly key: RecordKey;
  readonly method: UpdateMethod;
  readonly values: Fields;
  /** What an update wants. */
  readonly changes: Fields;
  /** What somebody else writes besides: to another field, and to the same one. */
  readonly noise: Fields;
  readonly theirs: Fields;
  /** Changes that the API refuses, and what is to come of it. */
  readonly refused?: {
    readonly changes: Fields;
    readonly outcome: Outcome;
    readonly message: string;
    readonly code?: string;
  };
  /** Requests that another client might send, and the status that the API has for each. */
  readonly wrong: readonly WrongRequest[];
  answer(request: PlayedRequest, record: PlayedRecord): Reply;
}

export interface WrongRequest {
  readonly what: string;
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface PlayedServer {
  readonly url: string;
  readonly record: PlayedRecord;
  readonly requests: readonly Seen[];
  /** Carries the next write out and breaks the connection in place of the answer. */
  readonly loseNextWrite: () => void;
  /** Somebody else writes straight before the next write of ours arrives. */
  readonly beforeNextWrite: (changes: Fields) => void;
  readonly writes: () => readonly Seen[];
}

export async function startPlayed(api: PlayedApi): Promise<PlayedServer> {
  const record = new PlayedRecord(api.values);
  let isLost = false;
  let meanwhile: Fields | undefined;
  const server = await startScriptedServer(seen => {
    if (seen.method === 'GET') return api.answer(asked(seen), record);
    if (meanwhile !== undefined) record.write(meanwhile);
    meanwhile = undefined;
    const reply = api.answer(asked(seen), record);
    if (!isLost) return reply;
    isLost = false;
    return 'reset';
  });
  return {
    url: server.url + api.base,
    record,
    requests: server.requests,
    loseNextWrite: () => {
      isLost = true;
    },
    beforeNextWrite: changes => {
      meanwhile = changes;
    },
    writes: () => server.requests.filter(({ method }) => method !== 'GET'),
  };
}

function asked(seen: Seen): PlayedRequest {
  const { pathname, searchParams } = new URL(seen.url, 'http://played');
  const [type = ''] = (seen.headers['content-type'] ?? '').split(';');
  return { ...seen, path: pathname, query: searchParams, json: parsed(seen.body), type };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}

/** RFC 7396: null deletes, objects are merged. */
export function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result = { ...membersOf(target) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = merged(result[name], value);
  }
  return result;
}

export const JSON_TYPE = { 'content-type': 'application/json' };
