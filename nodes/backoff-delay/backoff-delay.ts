import type { Node, NodeDef } from 'node-red';
import { giveUp } from '../../lib/outcome/ending';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RetryCause, RetryPolicy } from '../../lib/retry/policy';
import { waitBefore } from '../../lib/retry/schedule';
import { systemTime } from '../../lib/retry/time';
import type { StopError } from '../../lib/errors';
import { endpointOf, keyIn, showEndpoint } from '../record-endpoint/lookup';
import { clearLoop, stoppedInLoop, withEvidence } from '../shared/loop-state';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import { counted, counterOf, type RetryCounter } from '../shared/retry-counter';
import { retryPolicy } from '../shared/retry-policy';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { BACKOFF_FIELDS, type BackoffDelayConfig } from './config';

export default function (RED: NodeAPI): void {
  function BackoffDelay(this: Node, saved: NodeDef & BackoffDelayConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(BACKOFF_FIELDS, saved);
    const status = new StatusLine(RED, this);
    if (config.policy === 'endpoint') showEndpoint(RED, status, config.endpoint);
    const waiting = new Set<AbortController>();

    const fault = faultIn(BACKOFF_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
      const { msg, stop } = scope;
      if (Object.hasOwn(msg, 'reset')) {
        for (const wait of waiting) wait.abort();
        status.done('reset');
        return;
      }
      try {
        scope.checkPlace('retry');
        scope.checkPlace(config.result);
        const policy = await policyOf(scope, config);
        const key = await keyIn(scope, config);
        const result = resultOf(scope, config);
        const counter = counterOf(msg, this.id, key);
        const next = isFinal(result) ? undefined : nextTry(result, counter, policy);
        status.waiting('waiting');
        if (next === undefined || !(await waited(next.delayMs, waiting, stop))) {
          releaseGivenUp(scope, config);
          status.notDone('given-up');
          scope.send([null, msg], 'given up');
          return;
        }
        if (waiting.size === 0) status.clear();
        scope.set('retry', next);
        scope.send([msg, null]);
      } catch (error) {
        status.notDone('error');
        throw stop.aborted ? stopped(scope, config) : error;
      }
    });
  }

  RED.nodes.registerType('backoff-delay', BackoffDelay);
}

async function policyOf(scope: Scope, config: BackoffDelayConfig): Promise<RetryPolicy> {
  if (config.policy === 'own') return retryPolicy(config);
  const { policyNow } = await endpointOf(scope, config.endpoint).connect();
  return policyNow();
}

function resultOf(scope: Scope, config: BackoffDelayConfig): Partial<UpdateResult> | undefined {
  const value = scope.get(config.result);
  return typeof value === 'object' && value !== null ? value : undefined;
}

const CAUSES: readonly RetryCause[] = ['noise', 'throttled', 'transient', 'busy'];

/** Any other outcome than `retry` ends the loop: trying again could write a second time. */
function isFinal(result: Partial<UpdateResult> | undefined): boolean {
  return result?.outcome !== undefined && result.outcome !== 'retry';
}

/** The counter with the next wait in it; undefined when the policy allows no further try. */
function nextTry(
  result: Partial<UpdateResult> | undefined,
  counter: RetryCounter,
  policy: RetryPolicy,
): RetryCounter | undefined {
  const cause = causeOf(result);
  const { noise = 0 } = counter.causes;
  const retry = (cause === 'noise' ? noise : counter.count - noise) + 1;
  const limit = cause === 'noise' ? policy.conflictRetries : policy.transientRetries;
  if (retry > limit) return undefined;
  const retryAfterMs = msUntil(result?.notBefore);
  // A clock that is set back gives no more time than there was.
  const spentMs = Math.max(0, Date.now() - Date.parse(counter.startedAt));
  const delayMs = waitBefore(policy, {
    retry,
    cause,
    roundTripMs: roundTripMs(result),
    previousMs: counter.delayMs,
    shareMs: Math.max(0, policy.deadlineMs - spentMs) / (limit - retry + 2),
    random: Math.random,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  return spentMs + delayMs > policy.deadlineMs ? undefined : counted(counter, cause, delayMs);
}

function msUntil(notBefore: string | undefined): number | undefined {
  const at = notBefore === undefined ? Number.NaN : Date.parse(notBefore);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** What one request of the latest pass took, as far as the result tells. */
function roundTripMs(result: Partial<UpdateResult> | undefined): number {
  const requests = (result?.reads ?? 0) + (result?.attempts?.length ?? 0);
  const ms = requests === 0 ? 0 : (result?.durationMs ?? 0) / requests;
  // Whatever a function node has made of the result.
  return Number.isFinite(ms) && ms >= 0 ? ms : 0;
}

function causeOf(result: Partial<UpdateResult> | undefined): RetryCause {
  return CAUSES.find(cause => cause === result?.cause) ?? 'transient';
}

/** False when a reset let the message go before its time. */
async function waited(
  delayMs: number,
  waiting: Set<AbortController>,
  stop: AbortSignal,
): Promise<boolean> {
  // One controller per wait: AbortSignal.any would leave a trace of every wait on the node's own signal.
  const wait = new AbortController();
  const onStop = (): void => {
    wait.abort(stop.reason);
  };
  waiting.add(wait);
  stop.addEventListener('abort', onStop);
  try {
    stop.throwIfAborted();
    await systemTime.sleep(delayMs, wait.signal);
    return true;
  } catch (error) {
    if (wait.signal.aborted && !stop.aborted) return false;
    throw error;
  } finally {
    waiting.delete(wait);
    stop.removeEventListener('abort', onStop);
  }
}

function releaseGivenUp(scope: Scope, config: BackoffDelayConfig): void {
  const result = resultOf(scope, config);
  if (result?.outcome !== undefined) {
    const given = giveUp(result as UpdateResult);
    const ended: Record<string, unknown> = { ...withEvidence(scope, given, undefined) };
    // What conflict-switch judged from an http answer is final now, not to be judged anew.
    delete ended.statusCode;
    scope.set(config.result, ended);
  }
  clearLoop(scope.msg);
}

function stopped(scope: Scope, config: BackoffDelayConfig): StopError {
  const { key } = resultOf(scope, config) ?? {};
  const record = key === undefined ? 'a message' : `record ${JSON.stringify(key)}`;
  const message = `The flow was stopped while ${record} waited for its next try.`;
  return stoppedInLoop(scope, config.result, message);
}
