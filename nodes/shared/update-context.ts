import { randomUUID } from 'node:crypto';
import type { RetryPolicy } from '../../lib/retry/policy';
import { systemTime } from '../../lib/retry/time';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import type { Connection } from '../record-endpoint/lookup';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one update needs besides its connection. */
export interface UpdateSurroundings {
  readonly node: object;
  readonly policy: RetryPolicy;
  readonly turn: AcquireTurn | undefined;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** Everything that an update over this connection needs. */
export function updateContext(
  connection: Connection,
  { node, policy, turn, stop, kill }: UpdateSurroundings,
): Mutable<UpdateContext> {
  // Written out: spreading the connection costs a visible share of a fast update.
  const { family, transport, budget, idempotency, ownWrites } = connection;
  const context: Mutable<UpdateContext> = {
    family,
    transport,
    policy,
    turn,
    time: systemTime,
    random: Math.random,
    ownWrites,
    stop,
    kill,
    line: connection.lineFor(node),
    newToken: randomUUID,
  };
  if (budget !== undefined) context.budget = budget;
  if (idempotency !== undefined) context.idempotency = idempotency;
  return context;
}
