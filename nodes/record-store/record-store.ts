import { randomUUID } from 'node:crypto';
import type { Node, NodeDef } from 'node-red';
import type { NodeAPI } from '../shared/node-api';
import { complete, faultIn } from '../shared/saved';
import { registerAdminRoutes } from './admin';
import { STORE_CREDENTIALS, STORE_FIELDS, type RecordStoreConfig } from './config';
import { EmbeddedStore } from './embedded';
import type { OwnedStore, RecordStoreFace } from './lookup';
import { RedisStore } from './redis-store';
import { warnOfStranded } from './stranded';

export default function (RED: NodeAPI): void {
  /** Tells this run of Node-RED from every other one, whatever is deployed meanwhile. */
  const run = randomUUID();

  function RecordStore(this: Node, saved: NodeDef & RecordStoreConfig): void {
    RED.nodes.createNode(this, saved);
    // A store saved by an earlier version lacks what has come since.
    const config = complete(STORE_FIELDS, saved);
    const Store = config.keep === 'redis' ? RedisStore : EmbeddedStore;
    const fault = faultIn(STORE_FIELDS, saved);
    const store: OwnedStore = new Store(RED, this, config, { fault, run });
    const { troubles, connection, locks, queues, queueRegister, counters } = store;
    const { deadLetters, seenEvents, strandedQueues } = store;
    const face: RecordStoreFace = {
      config,
      troubles,
      connection,
      locks,
      queues,
      queueRegister,
      counters,
      deadLetters,
      seenEvents,
      strandedQueues,
    };
    Object.assign<Node, RecordStoreFace>(this, face);
    this.on('close', (done: () => void) => {
      void store.close().then(done, done);
    });
    warnOfStranded(RED, this, face);
    // At once: what is wrong with the store is to be seen before the first message needs it.
    seenEvents().catch((error: unknown) => {
      this.error(error instanceof Error ? error.message : String(error));
    });
  }

  RED.nodes.registerType('record-store', RecordStore, { credentials: STORE_CREDENTIALS });
  registerAdminRoutes(RED);
}
