import type { Node, NodeDef } from 'node-red';
import { InputError } from '../../lib/errors';
import { findStore, storeOf } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { watchConnection } from '../shared/store-status';
import { ACTIONS } from './actions';
import { DEDUPE_FIELDS, type EventDedupeConfig } from './config';

export default function (RED: NodeAPI): void {
  function EventDedupe(this: Node, saved: NodeDef & EventDedupeConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = complete(DEDUPE_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const act = ACTIONS[config.action];

    const showOutage = watchConnection(RED, this, status, findStore(RED, config.store)?.connection);
    const fault = faultIn(DEDUPE_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
      try {
        await act(scope, { config, store: storeOf(scope, config.store) });
      } catch (error) {
        if (!showOutage()) status.notDone(isInUse(error) ? 'in-use' : 'error');
        throw error;
      }
    });
    watchStore(RED, this, config, status);
  }

  RED.nodes.registerType('event-dedupe', EventDedupe);
}

/** Shows trouble with the store also while no message comes. */
function watchStore(RED: NodeAPI, node: Node, config: EventDedupeConfig, status: StatusLine): void {
  const troubles = findStore(RED, config.store)?.troubles;
  if (troubles === undefined) return;
  const show = (): void => {
    if (troubles.current === undefined) status.clear();
    else if (troubles.current.kind === 'in-use') status.notDone('in-use');
    else status.waiting('degraded');
  };
  if (troubles.current !== undefined) show();
  const stopWatching = troubles.onChange(show);
  node.on('close', (done: () => void) => {
    stopWatching();
    done();
  });
}

function isInUse(error: unknown): boolean {
  return error instanceof InputError && error.code === 'STORE_IN_USE';
}
