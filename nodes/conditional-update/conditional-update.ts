import type { Node, NodeDef } from 'node-red';
import type { RecordRef } from '../../lib/record/ref';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AcquireTurn, UpdateContext } from '../../lib/update/context';
import { updateRecord } from '../../lib/update/loop';
import { DONE_OUTCOMES } from '../../lib/outcome/outcome';
import type { UpdateOutput } from '../../lib/update/known';
import { checkRequest, type UpdateRequest } from '../../lib/update/request';
import { StopError } from '../../lib/errors';
import {
  endpointOf,
  isPractice,
  locate,
  showEndpoint,
  watchLocks,
  type Connection,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import { keptBack, stoppedAfter } from '../shared/kept-back';
import { heldLease } from '../shared/lease';
import type { NodeAPI } from '../shared/node-api';
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
import { PLAIN_TURN, turnOf } from '../shared/turn';
import { updateContext } from '../shared/update-context';
import { answersFor, type ReadUpdate } from '../shared/update-source';
import { versionLog } from '../shared/version-log';
import { UPDATE_FIELDS, type ConditionalUpdateConfig } from './config';
import { createInputReader, type InputReader } from './request';

export default function (RED: NodeAPI): void {
  function ConditionalUpdate(this: Node, saved: NodeDef & ConditionalUpdateConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = complete(UPDATE_FIELDS, saved);
    const status = new StatusLine(RED, this);
    showEndpoint(RED, status, config.endpoint);
    watchLocks(RED, this, status, config.endpoint);
    const readInput = createInputReader(config);

    const fault = faultIn(UPDATE_FIELDS, saved);
    const begin = onInput(RED, this, { status, fault }, async scope => {
      const passage = status.tally.enter();
      try {
        scope.checkPlace(config.result);
        scope.checkPlace(config.record);
        // A guard that is not found would be none, and the write unguarded.
        scope.checkPlace(config.guard);
        const endpoint = endpointOf(scope, config.endpoint);
        const connection = await endpoint.connect();
        const ref = await locate(scope, config, connection);
        const { family } = connection;
        const request = checkRequest(await readInput(scope, ref, family), family);
        // Asked for only where there is one: waiting for nothing costs, too.
        const carried = ticketAt(scope, config.ticket);
        const beforeWrite = carried === undefined ? undefined : await beforeWriteOf(scope, carried);
        const locked = heldLease(scope, config.lock, endpoint.locks, ref) !== undefined;
        const policy = connection.policyNow();
        let report = PLAIN_TURN;
        const turn =
          config.serialize && !locked
            ? turnOf(endpoint.locks, policy, ref, told => (report = told))
            : undefined;
        const parts = { endpoint, connection, policy, turn, passage };
        const context = contextOf(scope, ref, parts);
        if (beforeWrite !== undefined) context.beforeWrite = beforeWrite;
        const { result, record } = await updateRecord(request, context);
        passage.end(endedAs(result.outcome));
        showOutcome(status, result.outcome);
        if (report.isUnprotected) status.waiting('shared.status.without-lock');
        if (scope.stop.aborted) throw stoppedAfter(result, request.changes);
        const shown = withRemarks(result, isPractice(endpoint), report, {
          policy,
          node: this.id,
        });
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
    answersFor(this, config, begin, updateReader(config, readInput));
  }

  RED.nodes.registerType('conditional-update', ConditionalUpdate);
}

/** Reads the update of a message that has left this node. */
function updateReader(config: ConditionalUpdateConfig, readInput: InputReader): ReadUpdate {
  return async (scope, connection, known) => {
    const ref = known.ref ?? (await locate(scope, config, connection));
    return {
      input: await readInput(scope, ref, connection.family, known),
      changesAt: config.changesType === 'msg' ? config.changes : undefined,
    };
  };
}

/** The update came out of an update-queue: the fate of each write is stored there before it leaves. */
async function beforeWriteOf(
  scope: Scope,
  carried: TicketInMessage,
): Promise<UpdateContext['beforeWrite']> {
  const { queue, ticket } = await heldTicket(scope, carried);
  const { id: node } = scope.node;
  return fate => queue.beforeWrite(ticket, { ...fate, node });
}

interface ContextParts {
  readonly endpoint: RecordEndpointNode;
  readonly connection: Connection;
  readonly policy: RetryPolicy;
  readonly turn: AcquireTurn | undefined;
  readonly passage: Passage;
}

function contextOf(
  scope: Scope,
  ref: RecordRef,
  { endpoint, connection, policy, turn, passage }: ContextParts,
): ReturnType<typeof updateContext> {
  const { node, status, stop, kill } = scope;
  const transport = transportFor(scope, connection.transport);
  const context = updateContext(connection, { node, transport, policy, turn, stop, kill });
  context.onPhase = phase => {
    showPhase(status, phase, transport.traffic, passage);
  };
  context.onEnded = endpoint.ended;
  if (endpoint.config.versionLog) context.onAttempt = versionLog(node, ref);
  return context;
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
