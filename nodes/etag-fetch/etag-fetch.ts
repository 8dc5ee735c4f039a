import type { Node, NodeDef } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { isFields, type RecordKey } from '../../lib/record/fields';
import { systemTime } from '../../lib/retry/time';
import { fetchRecord } from '../../lib/update/fetch';
import type { ReadContext } from '../../lib/update/context';
import {
  collectionOf,
  endpointOf,
  isPractice,
  keyOf,
  refOf,
  showEndpoint,
  type Connection,
  type EndpointFace,
} from '../record-endpoint/lookup';
import { endLoop, passBefore, stoppedInLoop } from '../shared/loop-state';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import { showPhase } from '../shared/phase';
import type { Message, Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { namesIn } from '../shared/settings';
import { StatusLine } from '../shared/status';
import type { Passage } from '../shared/tally';
import { readMany, sendMany, type ReadMany } from './many';
import { transportFor } from '../shared/trace';
import { FETCH_FIELDS, type EtagFetchConfig } from './config';

export default function (RED: NodeAPI): void {
  function EtagFetch(this: Node, saved: NodeDef & EtagFetchConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(FETCH_FIELDS, saved);
    const status = new StatusLine(RED, this);
    showEndpoint(RED, status, config.endpoint);
    const guardFields = namesIn(config.guards);

    const fault = faultIn(FETCH_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
      const passage = status.tally.enter();
      try {
        scope.checkPlace(config.record);
        scope.checkPlace(config.result);
        const endpoint = endpointOf(scope, config.endpoint);
        const connection = await endpoint.connect();
        const collection = await collectionOf(scope, config);
        const key: unknown = await keyOf(scope, config);
        const named = await namedFields(scope, config, connection);
        const fields = named === undefined ? undefined : [...new Set([...named, ...guardFields])];
        const context = contextOf(connection, scope, passage);
        if (Array.isArray(key)) {
          scope.checkPlace(config.records);
          const reading = { connection, collection, fields, context };
          const many = await readMany(scope, config, key, reading);
          sendMany(scope, config, withPractice(many, endpoint));
          const isAll = many.missing.length === 0;
          passage.end(isAll ? 'done' : 'other');
          if (isAll) status.done('read');
          else status.notDone('not-read');
          return;
        }
        const ref = refOf(connection, collection, key as RecordKey, config);
        // A wired loop goes on with what has begun.
        if (passBefore(scope, config.result) === undefined) context.line = connection.lineFor(this);
        const fetched = await fetchRecord(ref, fields, context);
        if ('snapshot' in fetched) {
          scope.set(config.record, fetched.snapshot);
          passage.end('done');
          status.done('read');
          scope.send([scope.msg, null]);
        } else {
          const practice = isPractice(endpoint) ? { practice: true as const } : {};
          endLoop(scope, config.result, { ...fetched.result, ...practice });
          passage.end('other');
          status.notDone('not-read');
          scope.send([null, scope.msg], fetched.result.outcome);
        }
      } catch (error) {
        passage.end('other');
        status.notDone('error');
        if (!(error instanceof StopError)) throw error;
        throw stoppedInLoop(scope, config.result, error.message);
      }
    });
  }

  RED.nodes.registerType('etag-fetch', EtagFetch);
}

function withPractice({ records, missing }: ReadMany, endpoint: EndpointFace): ReadMany {
  if (!isPractice(endpoint)) return { records, missing };
  return { records, missing: missing.map(result => ({ ...result, practice: true as const })) };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function contextOf(connection: Connection, scope: Scope, passage: Passage): Mutable<ReadContext> {
  const { family, policyNow, budget, ownWrites } = connection;
  const { stop, status } = scope;
  const transport = transportFor(scope, connection.transport);
  return {
    family,
    transport,
    policy: policyNow(),
    time: systemTime,
    random: Math.random,
    ownWrites,
    stop,
    onPhase: phase => {
      showPhase(status, phase, transport.traffic, passage);
    },
    ...(budget === undefined ? {} : { budget }),
  };
}

/** Field names to read; undefined reads all. */
async function namedFields(
  scope: Scope,
  { fields, fieldsType }: EtagFetchConfig,
  { family }: Connection,
): Promise<string[] | undefined> {
  if (fieldsType === 'auto') return changedFields(scope.msg, family);
  return fieldNames(
    await scope.evaluate({
      value: fields,
      type: fieldsType,
      label: 'Fields',
      code: 'FIELDS_INVALID',
    }),
  );
}

function changedFields(msg: Message, family: Connection['family']): string[] | undefined {
  if (!isFields(msg.payload)) return undefined;
  const names = Object.keys(family.cleanChanges(msg.payload));
  return names.length === 0 ? undefined : names.map(name => family.readName(name));
}

function fieldNames(value: unknown): string[] | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return namesIn(value);
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
