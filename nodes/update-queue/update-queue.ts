import { setTimeout as sleep } from 'node:timers/promises';
import type { Node, NodeDef } from 'node-red';
import { InputError } from '../../lib/errors';
import { findStore } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { watchConnection } from '../shared/store-status';
import { QUEUE_FIELDS, type UpdateQueueConfig } from './config';
import { Queueing } from './queueing';
import { queueSettings } from './settings';
import { settle } from './settling';

/** Closing waits no longer for what is being taken; it is given back all the same. Milliseconds. */
const CLOSE_MS = 500;

/** How a node stands when it starts. */
interface Standing {
  readonly status: StatusLine;
  readonly fault: InputError | undefined;
}

export default function (RED: NodeAPI): void {
  function UpdateQueue(this: Node, saved: NodeDef & UpdateQueueConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(QUEUE_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const fault = faultIn(QUEUE_FIELDS, saved) ?? faultBeside(config);
    if (config.action === 'settle') startSettling(RED, this, config, { status, fault });
    else startQueueing(RED, this, config, { status, fault });
  }

  RED.nodes.registerType('update-queue', UpdateQueue);
}

function startSettling(
  RED: NodeAPI,
  node: Node,
  config: UpdateQueueConfig,
  standing: Standing,
): void {
  onInput(RED, node, standing, scope => shown(scope, settle(scope, config), () => false));
}

function startQueueing(
  RED: NodeAPI,
  node: Node,
  config: UpdateQueueConfig,
  { status, fault }: Standing,
): void {
  const showOutage = watchConnection(RED, node, status, findStore(RED, config.store)?.connection);
  const begin = onInput(RED, node, { status, fault }, scope =>
    shown(scope, queueing.take(scope), showOutage),
  );
  const queueing = new Queueing(RED, node, config, { status, begin, showOutage });
  if (fault !== undefined) return;
  queueing.start();
  node.on('close', (done: () => void) => {
    void Promise.race([queueing.close(), sleep(CLOSE_MS, undefined, { ref: false })]).then(() => {
      done();
    });
  });
}

/** @param showOutage false: there is none to be shown */
async function shown(
  { status }: Scope,
  work: Promise<void>,
  showOutage: () => boolean,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isInUse = error instanceof InputError && error.code === 'STORE_IN_USE';
    if (!showOutage()) status.notDone(isInUse ? 'in-use' : 'error');
    throw error;
  }
}

/** What is wrong between two fields: every message is refused with it. */
function faultBeside(config: UpdateQueueConfig): InputError | undefined {
  if (config.action === 'settle') return undefined;
  try {
    queueSettings(config);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
