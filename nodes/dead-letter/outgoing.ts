import type { Outcome, UpdateResult } from '../../lib/outcome/outcome';
import type { RecordKey } from '../../lib/record/fields';
import type { DeadLetter, ReviewAction } from '../../lib/review/dead-letter';
import type { ActResult, ReviewAct } from '../../lib/review/desk';
import type { Begin } from '../shared/on-input';
import type { Message, Scope } from '../shared/scope';
import type { DeadLetterConfig } from './config';

/** What `msg.review` says of something that was done. Never an `action`: that would ask for one. */
export interface DoneMembers {
  readonly did:
    | ReviewAction
    | 'kept'
    | 'expire'
    | 'list'
    | 'get'
    | 'look'
    | 'plan'
    | 'start'
    | 'stop'
    | 'progress'
    | 'counts';
  readonly id?: string;
  readonly by?: string;
  readonly reason?: string;
}

/** The message of an entry, as it was but for what was left out. @param changes undefined: as they are in it */
export function messageOf({ message, changesAt }: DeadLetter, changes: unknown): Message {
  const msg = structuredClone(message) as Message;
  if (changesAt === undefined || changes === undefined) return msg;
  put(msg, changesAt, structuredClone(changes));
  return msg;
}

/** At a path of plain names; what it needs on the way is made. */
function put(msg: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() ?? path;
  let place = msg;
  for (const step of steps) {
    const inside = place[step];
    const isPlace = typeof inside === 'object' && inside !== null;
    place = (isPlace ? inside : (place[step] = {})) as Record<string, unknown>;
  }
  place[last] = value;
}

/** What leaves the list goes out as a message. */
export class Outgoing {
  constructor(
    private readonly begin: Begin,
    private readonly config: DeadLetterConfig,
  ) {}

  /** By the first output what was done once more, by the second what was settled otherwise. */
  settled(
    act: ReviewAct,
    result: Extract<ActResult, { kind: 'settled' }>,
    before: DeadLetter,
  ): void {
    const { update } = result;
    const { id, by, action, reason } = act;
    const changes = act.action === 'edit' ? act.changes : before.changes;
    const scope = this.begin(messageOf(before, changes));
    const done: DoneMembers = { did: action, id, by, ...(reason === undefined ? {} : { reason }) };
    this.fill(scope, update ?? lastResult(before), done);
    scope.send(update === undefined ? [null, scope.msg] : [scope.msg]);
  }

  expired(before: DeadLetter): void {
    const scope = this.begin(messageOf(before, before.changes));
    this.fill(scope, lastResult(before), { did: 'expire', id: before.id });
    scope.send([null, scope.msg], 'expired');
  }

  private fill(scope: Scope, update: UpdateResult, done: DoneMembers): void {
    const { config } = this;
    scope.set(config.result, update);
    scope.set(config.review, done);
  }
}

/** How the update had ended that nobody does any more. */
function lastResult({ outcome, error, record, fields }: DeadLetter): UpdateResult {
  const conflicting = fields.filter(field => field.conflicting);
  const key: RecordKey | undefined = record.key;
  return {
    outcome: outcome === 'error' ? ('rejected' satisfies Outcome) : outcome,
    key: key ?? '',
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    verified: false,
    ...(error === undefined ? {} : { error }),
    ...(conflicting.length === 0
      ? {}
      : {
          conflict: {
            fields: conflicting.map(({ name, base, ours, theirs }) => ({
              name,
              base,
              ours,
              theirs,
            })),
          },
        }),
  };
}
