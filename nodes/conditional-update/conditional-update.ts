import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { RecordRef } from '../../lib/record/ref';
import { systemTime } from '../../lib/retry/time';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import { updateRecord } from '../../lib/update/loop';
import { DONE_OUTCOMES, type Attempt, type UpdateResult } from '../../lib/outcome/outcome';
import type { UpdateRequest } from '../../lib/update/request';
import { StopError } from '../../lib/errors';
import {
  endpointOf,
  locate,
  type Connection,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import { heldLease } from '../shared/lease';
import { onInput } from '../shared/on-input';
import { clearCounter } from '../shared/retry-counter';
import { showPhase } from '../shared/phase';
import type { Scope } from '../shared/scope';
import { complete } from '../shared/settings';
import { endedAs, showOutcome, StatusLine } from '../shared/status';
import type { Passage } from '../shared/tally';
import { UPDATE_FIELDS, type ConditionalUpdateConfig } from './config';
import { createRequestReader } from './request';

/** The lease of one turn outlives the update's deadline, so it ends only with the update. */
const LEASE_MARGIN_MS = 30_000;

/** Messages that may wait for one record; beyond that something is wrong with the flow. */
const MAX_WAITERS = 10_000;

export default function (RED: NodeAPI): void {
  function ConditionalUpdate(this: Node, saved: NodeDef & ConditionalUpdateConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = complete(UPDATE_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const readRequest = createRequestReader(config);

    onInput(RED, this, status, async scope => {
      const passage = status.tally.enter();
      try {
        scope.checkPlace(config.result);
        scope.checkPlace(config.record);
        // A guard that is not found would be none, and the write unguarded.
        scope.checkPlace(config.guard);
        const endpoint = endpointOf(scope, config.endpoint);
        const connection = await endpoint.connect();
        const ref = await locate(scope, config, connection);
        const request = await readRequest(scope, ref, connection.family);
        const locked = heldLease(scope, config.lock, endpoint.locks, ref) !== undefined;
        const policy = connection.policyNow();
        const turn = config.serialize && !locked ? turnOf(endpoint, policy, ref) : undefined;
        const context = contextOf(connection, policy, turn, scope, passage);
        if (endpoint.config.versionLog) context.onAttempt = versionLog(this, ref);
        const { result, record } = await updateRecord(request, context);
        passage.end(endedAs(result.outcome));
        showOutcome(status, result.outcome);
        if (scope.stop.aborted) throw stoppedAfter(result, request);
        scope.set(config.result, result);
        scope.set(config.record, record);
        if (result.outcome !== 'retry') {
          clearCounter(scope.msg);
          // The next update of this message is another one.
          if (request.transition !== undefined) scope.set(config.guard, undefined);
        }
        const { msg } = scope;
        scope.send(DONE_OUTCOMES.includes(result.outcome) ? [msg, null] : [null, msg]);
      } catch (error) {
        passage.end('other');
        status.notDone(error instanceof StopError ? 'stopped' : 'error');
        throw error;
      }
    });
  }

  RED.nodes.registerType('conditional-update', ConditionalUpdate);
}

/** How to take the record's turn. */
function turnOf(
  { locks }: RecordEndpointNode,
  { deadlineMs }: RetryPolicy,
  ref: RecordRef,
): AcquireTurn {
  const leaseMs = deadlineMs + LEASE_MARGIN_MS;
  return (waitMs, signal, onWait) =>
    locks.acquire(ref.url, { leaseMs, waitMs, maxWaiters: MAX_WAITERS, signal, onWait });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function contextOf(
  connection: Connection,
  policy: RetryPolicy,
  turn: AcquireTurn | undefined,
  { node, status, stop, kill }: Scope,
  passage: Passage,
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
    onPhase: phase => {
      showPhase(status, phase, transport.traffic, passage);
    },
  };
  if (budget !== undefined) context.budget = budget;
  if (idempotency !== undefined) context.idempotency = idempotency;
  return context;
}

/** Writes what each attempt sent and saw to the log of Node-RED at debug level, one line of JSON per attempt. */
function versionLog(
  node: Pick<Node, 'debug'>,
  { collection, key }: RecordRef,
): (attempt: Attempt) => void {
  return attempt => {
    node.debug(JSON.stringify({ attempt: { collection, key, ...attempt } }));
  };
}

function stoppedAfter(
  { outcome, attempts }: UpdateResult,
  { ref, changes }: UpdateRequest,
): StopError {
  const sent = attempts.at(-1)?.versionSent ?? 'none';
  const detail = `record ${JSON.stringify(ref.key)}, version sent ${sent}, fields ${Object.keys(changes).join(', ')}`;
  return new StopError(
    outcome === 'uncertain' ? 'UPDATE_UNCERTAIN' : 'STOPPED',
    `The update ended as "${outcome}" while the flow was being stopped, so the message could not go on (${detail}).`,
  );
}
