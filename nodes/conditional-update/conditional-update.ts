import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { RecordRef } from '../../lib/record/ref';
import { systemTime } from '../../lib/retry/time';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import { updateRecord } from '../../lib/update/loop';
import { DONE_OUTCOMES, type UpdateResult } from '../../lib/outcome/outcome';
import type { UpdateRequest } from '../../lib/update/request';
import { StopError } from '../../lib/errors';
import type { Connection } from '../record-endpoint/connection';
import type { RecordEndpointNode } from '../record-endpoint/record-endpoint';
import { endpointOf, locate } from '../shared/endpoint';
import { heldLease } from '../shared/lease';
import { onInput, type Work } from '../shared/on-input';
import { clearCounter } from '../shared/retry-counter';
import { showPhase } from '../shared/phase';
import { showOutcome, StatusLine } from '../shared/status';
import { checkPlace, setProperty } from '../shared/typed-value';
import { UPDATE_DEFAULTS, type ConditionalUpdateConfig } from './config';
import { createRequestReader } from './request';
import { versionLog } from './version-log';

/** The lease of one turn outlives the update's deadline, so it ends only with the update. */
const LEASE_MARGIN_MS = 30_000;

/** Messages that may wait for one record; beyond that something is wrong with the flow. */
const MAX_WAITERS = 10_000;

export default function (RED: NodeAPI): void {
  function ConditionalUpdate(this: Node, saved: NodeDef & ConditionalUpdateConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = { ...UPDATE_DEFAULTS, ...saved };
    const status = new StatusLine(RED, this);
    const readRequest = createRequestReader(RED, this, config);

    onInput(this, async (msg, work) => {
      try {
        checkPlace(RED, msg, config.result);
        checkPlace(RED, msg, config.record);
        // A guard that is not found would be none, and the write unguarded.
        checkPlace(RED, msg, config.guard);
        const endpoint = endpointOf(RED, config.endpoint);
        const connection = await endpoint.connect();
        const ref = await locate(RED, this, config, msg, connection);
        const request = await readRequest(msg, ref, connection.family);
        const locked = heldLease(RED, msg, config.lock, endpoint.locks, ref) !== undefined;
        const policy = connection.policyNow();
        const turn = config.serialize && !locked ? turnOf(endpoint, policy, ref) : undefined;
        const context = contextOf({ node: this, connection, policy, turn, work, status });
        if (endpoint.config.versionLog) context.onAttempt = versionLog(this, ref);
        const { result, record } = await updateRecord(request, context);
        showOutcome(status, result.outcome);
        if (work.stop.aborted) throw stoppedAfter(result, request);
        setProperty(RED, msg, config.result, result);
        setProperty(RED, msg, config.record, record);
        if (result.outcome !== 'retry') {
          clearCounter(msg);
          // The next update of this message is another one.
          if (request.transition !== undefined) setProperty(RED, msg, config.guard, undefined);
        }
        work.send(DONE_OUTCOMES.includes(result.outcome) ? [msg, null] : [null, msg]);
      } catch (error) {
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

interface ContextParts {
  readonly node: Node;
  readonly connection: Connection;
  readonly policy: RetryPolicy;
  readonly turn: AcquireTurn | undefined;
  readonly work: Work;
  readonly status: StatusLine;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function contextOf({
  node,
  connection,
  policy,
  turn,
  work,
  status,
}: ContextParts): Mutable<UpdateContext> {
  // Written out: spreading the connection costs a visible share of a fast update.
  const { family, transport, budget, idempotency } = connection;
  const context: Mutable<UpdateContext> = {
    family,
    transport,
    policy,
    turn,
    time: systemTime,
    random: Math.random,
    stop: work.stop,
    kill: work.kill,
    line: connection.lineFor(node),
    onPhase: phase => {
      showPhase(status, phase, transport.traffic);
    },
  };
  if (budget !== undefined) context.budget = budget;
  if (idempotency !== undefined) context.idempotency = idempotency;
  return context;
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
