import type { Node, NodeDef, NodeMessageParts } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import type { Refused, TransitionGuard } from '../../lib/lifecycle/guard';
import type { TransitionStep } from '../../lib/lifecycle/steps';
import { isUnsettled, type UpdateResult } from '../../lib/outcome/outcome';
import { refusedEnding } from '../../lib/outcome/ending';
import { endLoop, passBefore, stoppedInLoop } from '../shared/loop-state';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import { clearCounter } from '../shared/retry-counter';
import type { Message, Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { GUARD_FIELDS, type TransitionGuardConfig } from './config';
import { decide, guardOf } from './decide';
import { guardSettings, type GuardSettings } from './settings';
import { readWanted, type Wanted } from './wanted';

export default function (RED: NodeAPI): void {
  function TransitionGuard(this: Node, saved: NodeDef & TransitionGuardConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(GUARD_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const settings = settingsOf(config, status);

    const fault = faultIn(GUARD_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
      try {
        checkPlaces(scope, config);
        await pass(scope, config, settings());
      } catch (error) {
        showFault(status, error);
        if (!(error instanceof StopError)) throw error;
        throw stoppedInLoop(scope, config.result, error.message);
      }
    });
  }

  RED.nodes.registerType('transition-guard', TransitionGuard);
}

async function pass(
  scope: Scope,
  config: TransitionGuardConfig,
  settings: GuardSettings,
): Promise<void> {
  const wanted = await readWanted(scope, config);
  const before = passBefore(scope, config.result);
  const kept = before === undefined ? undefined : scope.get(config.guard);
  const guard = guardOf(settings, wanted, kept);
  const choices = {
    checksFields: config.required === 'here',
    // Steps are new updates: they could not clear up a write whose fate is unknown.
    mayStep: config.steps && !isUnsettled(before?.pending),
  };
  const decision = decide(guard, wanted, choices, Date.now());
  switch (decision.kind) {
    case 'allowed':
      scope.set(config.guard, guard);
      scope.status.done('allowed');
      scope.send([scope.msg, null]);
      return;
    case 'steps':
      scope.status.done('steps');
      for (const step of stepMessages(scope, config, wanted, decision.steps)) {
        scope.send([step, null]);
      }
      return;
    case 'refused':
      refuse(scope, config, { guard, wanted, refused: decision.refused, before });
      scope.send([null, scope.msg], decision.refused.refusal.reason);
  }
}

/** What a join node needs in order to put a sequence together; a sequence around it stays inside. */
interface ArrayParts extends NodeMessageParts {
  readonly type: 'array';
  readonly len: 1;
  readonly parts?: NodeMessageParts;
}

/**
 * One message per step, in their order. They are a sequence as the core split node makes them, so that a join node
 * can put their results together.
 */
function stepMessages(
  scope: Scope,
  config: TransitionGuardConfig,
  { key, url }: Wanted,
  steps: readonly TransitionStep[],
): Message[] {
  const id = scope.newId();
  // Each step is an update of its own: what a loop around all of them left behind is none of theirs.
  scope.set(config.result, undefined);
  clearCounter(scope.msg);
  return steps.map(({ guard, changes }, index) => {
    scope.set(config.changes, changes);
    scope.set(config.guard, guard);
    const step = scope.copy();
    const parts: ArrayParts = { id, type: 'array', index, count: steps.length, len: 1 };
    step.msg.parts = withOuter(parts, scope.msg);
    // Without a version and values the record is read in its turn: after the step before.
    if (index > 0) step.set(config.record, { key, url });
    return step.msg;
  });
}

function withOuter(parts: ArrayParts, { parts: outer }: Message): ArrayParts {
  return outer === undefined ? parts : { ...parts, parts: outer };
}

interface RefusedPass {
  readonly guard: TransitionGuard;
  readonly wanted: Wanted;
  readonly refused: Refused;
  /** What the pass before of a wired loop left; undefined: there is none. */
  readonly before: Partial<UpdateResult> | undefined;
}

/** Puts the refusal into the message. Where the record is busy, a wired loop may hold the message and try again. */
function refuse(
  scope: Scope,
  config: TransitionGuardConfig,
  { guard, wanted, refused, before }: RefusedPass,
): void {
  const result: UpdateResult = {
    ...refusedEnding(guard, refused),
    key: wanted.key,
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    verified: !isUnsettled(before?.pending),
  };
  if (result.outcome !== 'busy' || config.whenOpen !== 'retry') {
    scope.set(config.guard, undefined);
    endLoop(scope, config.result, result);
    scope.status.notDone(refused.refusal.reason);
    return;
  }
  scope.set(config.guard, guard);
  scope.set(config.result, {
    ...result,
    ...keptOf(before),
    outcome: 'retry',
    cause: 'busy',
  });
  scope.status.waiting('retry');
}

function keptOf(before: Partial<UpdateResult> | undefined): Partial<UpdateResult> {
  return {
    ...(before?.base === undefined ? {} : { base: before.base }),
    ...(before?.pending === undefined ? {} : { pending: before.pending }),
  };
}

/** A fault of the dialog shows at once, and is every message's fault. */
function settingsOf(config: TransitionGuardConfig, status: StatusLine): () => GuardSettings {
  try {
    const settings = guardSettings(config);
    return () => settings;
  } catch (error) {
    showFault(status, error);
    return () => guardSettings(config);
  }
}

function showFault(status: StatusLine, error: unknown): void {
  const isTable = error instanceof InputError && error.code === 'MACHINE_INVALID';
  status.notDone(isTable ? 'table' : 'error');
}

/** What the node sets, to be known before anything leaves. */
function checkPlaces(
  scope: Scope,
  { changes, record, guard, result }: TransitionGuardConfig,
): void {
  for (const place of [changes, record, guard, result]) scope.checkPlace(place);
}
