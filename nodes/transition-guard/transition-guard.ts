import type { Node, NodeAPI, NodeDef } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { isOpen, type UpdateResult } from '../../lib/outcome/outcome';
import { stoppedInLoop } from '../shared/loop-state';
import { onInput, type Message, type Work } from '../shared/on-input';
import { complete } from '../shared/settings';
import { StatusLine } from '../shared/status';
import { checkPlace, getProperty, setProperty } from '../shared/typed-value';
import { GUARD_FIELDS, type TransitionGuardConfig } from './config';
import { decide, guardOf } from './decide';
import { refuse } from './refuse';
import { guardSettings, type GuardSettings } from './settings';
import { stepMessages } from './step-messages';
import { readWanted } from './wanted';

export default function (RED: NodeAPI): void {
  function TransitionGuard(this: Node, saved: NodeDef & TransitionGuardConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(GUARD_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const settings = settingsOf(config, status);

    onInput(this, async (msg, { send }) => {
      try {
        checkPlaces(RED, msg, config);
        await pass({ RED, node: this, config, settings: settings(), status, send }, msg);
      } catch (error) {
        showFault(status, error);
        if (!(error instanceof StopError)) throw error;
        throw stoppedInLoop(RED, msg, config.result, error.message);
      }
    });
  }

  RED.nodes.registerType('transition-guard', TransitionGuard);
}

interface Gate {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: TransitionGuardConfig;
  readonly settings: GuardSettings;
  readonly status: StatusLine;
  readonly send: Work['send'];
}

async function pass(
  { RED, node, config, settings, status, send }: Gate,
  msg: Message,
): Promise<void> {
  const wanted = await readWanted(RED, node, config, msg);
  const before = loopBefore(getProperty(RED, msg, config.result));
  const kept = before === undefined ? undefined : getProperty(RED, msg, config.guard);
  const guard = guardOf(settings, wanted, kept);
  const choices = {
    checksFields: config.required === 'here',
    // Steps are new updates: they could not settle a write whose fate is unknown.
    mayStep: config.steps && !isOpen(before?.pending),
  };
  const decision = decide(guard, wanted, choices, Date.now());
  switch (decision.kind) {
    case 'allowed':
      setProperty(RED, msg, config.guard, guard);
      status.done('allowed');
      send([msg, null]);
      return;
    case 'steps':
      status.done('steps');
      for (const step of stepMessages(RED, config, msg, wanted, decision.steps)) send([step, null]);
      return;
    case 'refused': {
      const { refused } = decision;
      const goesOn = refuse(RED, config, msg, { guard, wanted, refused, before });
      if (goesOn) status.waiting('retry');
      else status.notDone(refused.refusal.reason);
      send([null, msg]);
    }
  }
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
  RED: NodeAPI,
  msg: Message,
  { changes, record, guard, result }: TransitionGuardConfig,
): void {
  for (const place of [changes, record, guard, result]) checkPlace(RED, msg, place);
}

/** What the pass before left in the message; only while the loop goes on. */
function loopBefore(value: unknown): Partial<UpdateResult> | undefined {
  const update = value as Partial<UpdateResult> | null | undefined;
  return update?.outcome === 'retry' ? update : undefined;
}
