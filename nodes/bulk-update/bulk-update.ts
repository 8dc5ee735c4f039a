import type { Node, NodeDef } from 'node-red';
import { StopError } from '../../lib/errors';
import { showEndpoint } from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { StatusLine } from '../shared/status';
import { answersFor } from '../shared/update-source';
import { BULK_FIELDS, type BulkUpdateConfig } from './config';
import { ListInput } from './list-input';
import { MessageInput } from './message-input';
import { noticesOf } from './notices';
import { createSingleReader } from './single';

export default function (RED: NodeAPI): void {
  function BulkUpdate(this: Node, saved: NodeDef & BulkUpdateConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(BULK_FIELDS, saved);
    const status = new StatusLine(RED, this);
    showEndpoint(RED, status, config.endpoint);
    const notices = noticesOf(RED, this);
    const input =
      config.input === 'list'
        ? new ListInput(config, notices)
        : new MessageInput(config, status, notices);

    const fault = faultIn(BULK_FIELDS, saved);
    const begin = onInput(RED, this, { status, fault }, async scope => {
      try {
        checkPlaces(scope, config);
        await input.take(scope);
      } catch (error) {
        status.notDone(error instanceof StopError ? 'stopped' : 'error');
        throw error;
      }
    });
    answersFor(this, config, begin, createSingleReader(config));
  }

  RED.nodes.registerType('bulk-update', BulkUpdate);
}

/** Before anything is sent. A guard that is not found would be none, and the write unguarded. */
function checkPlaces(scope: Scope, { result, record, guard }: BulkUpdateConfig): void {
  for (const place of [result, record, guard]) scope.checkPlace(place);
}
