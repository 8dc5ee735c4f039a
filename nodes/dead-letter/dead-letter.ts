import { setTimeout as sleep } from 'node:timers/promises';
import type { Node, NodeDef } from 'node-red';
import { StopError } from '../../lib/errors';
import { findStore } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import { GRACE_MS, onInput } from '../shared/on-input';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { watchConnection } from '../shared/store-status';
import { DEAD_LETTER_FIELDS, type DeadLetterConfig } from './config';
import { isInUse, Keeping, listName } from './keeping';
import type { DeadLetterFace } from './lookup';

/** A write that was sent gets its grace, and a moment to be told. Milliseconds. */
const CLOSE_MS = GRACE_MS + 500;

export default function (RED: NodeAPI): void {
  function DeadLetterNode(this: Node, saved: NodeDef & DeadLetterConfig): void {
    RED.nodes.createNode(this, saved);
    // A node saved by an earlier version lacks what has come since.
    const config = complete(DEAD_LETTER_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const fault = faultIn(DEAD_LETTER_FIELDS, saved);
    const begin = onInput(RED, this, { status, fault }, async scope => {
      try {
        await keeping.take(scope);
      } catch (error) {
        status.notDone(
          isInUse(error) ? 'in-use' : error instanceof StopError ? 'stopped' : 'error',
        );
        throw error;
      }
    });
    const keeping = new Keeping(RED, this, config, { status, begin });
    const desk: DeadLetterFace['desk'] = () =>
      fault === undefined ? keeping.desk() : Promise.reject(fault);
    const list = { store: config.store, name: listName(config, this) };
    Object.assign<Node, DeadLetterFace>(this, { list, desk });
    if (fault !== undefined) return;
    watchConnection(RED, this, status, findStore(RED, config.store)?.connection);
    keeping.start();
    this.on('close', (done: () => void) => {
      void Promise.race([keeping.close(), sleep(CLOSE_MS, undefined, { ref: false })]).then(() => {
        done();
      });
    });
  }

  RED.nodes.registerType('dead-letter', DeadLetterNode);
}
