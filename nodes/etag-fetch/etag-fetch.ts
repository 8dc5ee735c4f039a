import type { Node, NodeAPI, NodeDef } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { systemTime } from '../../lib/retry/time';
import { fetchRecord } from '../../lib/update/fetch';
import type { ReadContext } from '../../lib/update/context';
import type { Connection } from '../record-endpoint/connection';
import { endpointOf, locate } from '../shared/endpoint';
import { endLoop, stoppedInLoop } from '../shared/loop-state';
import { namesField } from '../shared/number-field';
import { onInput, type Message, type Work } from '../shared/on-input';
import { showPhase } from '../shared/phase';
import { StatusLine } from '../shared/status';
import { checkPlace, evaluate, setProperty } from '../shared/typed-value';
import type { EtagFetchConfig } from './config';

export default function (RED: NodeAPI): void {
  function EtagFetch(this: Node, config: NodeDef & EtagFetchConfig): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(RED, this);
    const guards = namesField(config.guards);

    onInput(this, async (msg, work) => {
      try {
        checkPlace(RED, msg, config.record);
        checkPlace(RED, msg, config.result);
        const connection = await endpointOf(RED, config.endpoint).connect();
        const ref = await locate(RED, this, config, msg, connection);
        const named = await namedFields(RED, this, config, msg, connection);
        const fields = named === undefined ? undefined : [...new Set([...named, ...guards])];
        const context = contextOf(this, connection, work, status);
        const fetched = await fetchRecord(ref, fields, context);
        if ('snapshot' in fetched) {
          setProperty(RED, msg, config.record, fetched.snapshot);
          status.done('read');
          work.send([msg, null]);
        } else {
          endLoop(RED, msg, config.result, fetched.result);
          status.notDone('not-read');
          work.send([null, msg]);
        }
      } catch (error) {
        status.notDone('error');
        if (!(error instanceof StopError)) throw error;
        throw stoppedInLoop(RED, msg, config.result, error.message);
      }
    });
  }

  RED.nodes.registerType('etag-fetch', EtagFetch);
}

function contextOf(
  node: Node,
  { family, transport, policyNow, budget, lineFor }: Connection,
  { stop }: Work,
  status: StatusLine,
): ReadContext {
  return {
    family,
    transport,
    policy: policyNow(),
    time: systemTime,
    random: Math.random,
    stop,
    line: lineFor(node),
    onPhase: phase => {
      showPhase(status, phase, transport.traffic);
    },
    ...(budget === undefined ? {} : { budget }),
  };
}

/** Field names to read; undefined reads all. */
async function namedFields(
  RED: NodeAPI,
  node: Node,
  { fields, fieldsType }: EtagFetchConfig,
  msg: Message,
  { family }: Connection,
): Promise<string[] | undefined> {
  if (fieldsType === 'auto') return changedFields(msg, family);
  const place = { value: fields, type: fieldsType, label: 'Fields' };
  return fieldNames(await evaluate(RED, node, place, msg));
}

function changedFields(msg: Message, family: Connection['family']): string[] | undefined {
  if (!isFields(msg.payload)) return undefined;
  const names = Object.keys(family.cleanChanges(msg.payload));
  return names.length === 0 ? undefined : names.map(name => family.readName(name));
}

function fieldNames(value: unknown): string[] | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return namesField(value);
  if (Array.isArray(value)) {
    // A copy has no holes, which `every` would pass over.
    const names: unknown[] = Array.from(value);
    if (names.every(name => typeof name === 'string')) return names;
  }
  throw new InputError(
    'FIELDS_INVALID',
    'Fields must be names separated by commas, or an array of names. Correct it in the dialog or in the message.',
  );
}
