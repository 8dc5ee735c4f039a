import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemTime } from '../../lib/retry/time';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import { updateRecord } from '../../lib/update/loop';
import { DONE_OUTCOMES } from '../../lib/outcome/outcome';
import type { UpdateOutput } from '../../lib/update/known';
import type { UpdateRequest } from '../../lib/update/request';
import { StopError } from '../../lib/errors';
import {
  endpointOf,
  isPractice,
  locate,
  showEndpoint,
  watchLocks,
  type Connection,
} from '../record-endpoint/lookup';
import { keptBack, stoppedAfter } from '../shared/kept-back';
import { heldLease } from '../shared/lease';
import { onInput } from '../shared/on-input';
import { withRemarks } from '../shared/remarks';
import { clearCounter } from '../shared/retry-counter';
import { showPhase } from '../shared/phase';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { endedAs, showOutcome, StatusLine } from '../shared/status';
import type { Passage } from '../shared/tally';
import { heldTicket, ticketAt, type TicketInMessage } from '../shared/ticket';
import { transportFor } from '../shared/trace';
import { newTurnReport, reported, turnOf } from '../shared/turn';
import { versionLog } from '../shared/version-log';
import { UPDATE_FIELDS, type ConditionalUpdateConfig } from './config';
import { createRequestReader } from './request';

export default function (RED: NodeAPI): void {
  function ConditionalUpdate(this: Node, saved: NodeDef & ConditionalUpdateConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = complete(UPDATE_FIELDS, saved);
    const status = new StatusLine(RED, this);
    showEndpoint(RED, status, config.endpoint);
    watchLocks(RED, this, status, config.endpoint);
    const readRequest = createRequestReader(config);

    const fault = faultIn(UPDATE_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
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
        // Asked for only where there is one: waiting for nothing costs, too.
        const carried = ticketAt(scope, config.ticket);
        const beforeWrite = carried === undefined ? undefined : await beforeWriteOf(scope, carried);
        const locked = heldLease(scope, config.lock, endpoint.locks, ref) !== undefined;
        const policy = connection.policyNow();
        const report = newTurnReport();
        const turn =
          config.serialize && !locked
            ? reported(turnOf(endpoint.locks, policy, ref), report)
            : undefined;
        const context = contextOf(connection, policy, turn, scope, passage);
        context.onEnded = endpoint.ended;
        if (endpoint.config.versionLog) context.onAttempt = versionLog(this, ref);
        if (beforeWrite !== undefined) context.beforeWrite = beforeWrite;
        const { result, record } = await updateRecord(request, context);
        connection.onUpdated(result);
        passage.end(endedAs(result.outcome));
        showOutcome(status, result.outcome);
        if (report.isUnprotected) status.waiting('shared.status.without-lock');
        if (scope.stop.aborted) throw stoppedAfter(result, request.changes);
        const shown = withRemarks(result, isPractice(endpoint), report, policy);
        try {
          passOn(scope, config, request, { result: shown, record });
        } catch (error) {
          throw keptBack(result, request.changes, error);
        }
      } catch (error) {
        passage.end('other');
        status.notDone(error instanceof StopError ? 'stopped' : 'error');
        throw error;
      }
    });
  }

  RED.nodes.registerType('conditional-update', ConditionalUpdate);
}

/** The update came out of an update-queue: the fate of each write is stored there before it leaves. */
async function beforeWriteOf(
  scope: Scope,
  carried: TicketInMessage,
): Promise<UpdateContext['beforeWrite']> {
  const { queue, ticket } = await heldTicket(scope, carried);
  return fate => queue.beforeWrite(ticket, fate);
}

function passOn(
  scope: Scope,
  config: ConditionalUpdateConfig,
  { transition }: UpdateRequest,
  { result, record }: UpdateOutput,
): void {
  const { msg } = scope;
  scope.set(config.result, result);
  scope.set(config.record, record);
  if (result.outcome !== 'retry') {
    clearCounter(msg);
    // The next update of this message is another one.
    if (transition !== undefined) scope.set(config.guard, undefined);
  }
  if (DONE_OUTCOMES.includes(result.outcome)) scope.send([msg, null]);
  else scope.send([null, msg], result.outcome);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function contextOf(
  connection: Connection,
  policy: RetryPolicy,
  turn: AcquireTurn | undefined,
  scope: Scope,
  passage: Passage,
): Mutable<UpdateContext> {
  const { node, status, stop, kill } = scope;
  // Written out: spreading the connection costs a visible share of a fast update.
  const { family, budget, idempotency, ownWrites, chains } = connection;
  const transport = transportFor(scope, connection.transport);
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
  if (chains !== undefined) context.chains = chains;
  return context;
}
