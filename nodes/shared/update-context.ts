import { randomUUID } from 'node:crypto';
import type { RetryPolicy } from '../../lib/retry/policy';
import { systemTime } from '../../lib/retry/time';
import type { Transport } from '../../lib/transport/transport';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import type { Connection } from '../record-endpoint/lookup';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one update needs besides its connection. */
export interface UpdateSurroundings {
  readonly node: object;
  /** That of the connection, or the same with headers of its own. */
  readonly transport: Transport;
  readonly policy: RetryPolicy;
  readonly turn: AcquireTurn | undefined;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** Everything that an update over this connection needs. */
export function updateContext(
  connection: Connection,
  { node, transport, policy, turn, stop, kill }: UpdateSurroundings,
): Mutable<UpdateContext> {
  // Written out: spreading the connection costs a visible share of a fast update.
  const { family, budget, idempotency, ownWrites, chains } = connection;
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
  if (chains !== undefined) context.chains = chains;
  return context;
}
