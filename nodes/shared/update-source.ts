import type { Node } from 'node-red';
import type { WriteFate } from '../../lib/outcome/outcome';
import type { Fields } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { systemTime } from '../../lib/retry/time';
import { fetchRecord, type Fetched } from '../../lib/update/fetch';
import type { UpdateOutput } from '../../lib/update/known';
import { updateRecord } from '../../lib/update/loop';
import type { UpdateRequest, UpdateRequestInput } from '../../lib/update/request';
import {
  endpointOf,
  isPractice,
  type Connection,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import type { Begin } from './on-input';
import type { Message, Scope } from './scope';
import { transportFor } from './trace';
import { turnOf } from './turn';
import { updateContext } from './update-context';
import { versionLog } from './version-log';

/** What is known of an update already, in the place of what its message says. */
export interface KnownUpdate {
  readonly ref?: RecordRef;
  readonly changes?: Fields;
}

/** The update of a message, by the node that does such updates. */
export interface SourceUpdate {
  readonly endpoint: RecordEndpointNode;
  readonly connection: Connection;
  /** Not checked yet. */
  readonly input: UpdateRequestInput;
  /** Message property that holds the changes; undefined: they are made of more. */
  readonly changesAt: string | undefined;
  /** Does it, as it would be done for a message. */
  run(request: UpdateRequest, around: RunAround): Promise<UpdateOutput>;
  /** Reads its record. @param fields undefined: all */
  fetch(fields: readonly string[] | undefined, stop: AbortSignal): Promise<Fetched>;
}

/** Of whoever has it done. */
export interface RunAround {
  readonly beforeWrite: (fate: WriteFate) => Promise<boolean>;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** What dead-letter sees of a node that updates records. */
export interface UpdateSource {
  /** The endpoint that it uses now. Throws InputError `ENDPOINT_MISSING`. */
  endpoint(): RecordEndpointNode;
  /** Rejects with InputError where message or settings make no update. */
  updateOf(msg: Message, known: (connection: Connection) => KnownUpdate): Promise<SourceUpdate>;
}

type SourceNode = Node & { readonly updateSource?: UpdateSource };

/** The node with that id, where it updates records. */
export function updateSourceOf(node: Node | null): UpdateSource | undefined {
  const source: Partial<SourceNode> | null = node;
  return source?.updateSource;
}

/** How a node reads the update of a message. */
export type ReadUpdate = (
  scope: Scope,
  connection: Connection,
  known: KnownUpdate,
) => Promise<Pick<SourceUpdate, 'input' | 'changesAt'>>;

interface SourceConfig {
  readonly endpoint: string;
  readonly serialize: boolean;
}

/** Lets others ask a node for the update of a message, and have it done once more. */
export function answersFor(node: Node, config: SourceConfig, begin: Begin, read: ReadUpdate): void {
  const updateSource: UpdateSource = {
    endpoint: () => endpointOf(begin({ _msgid: '' }), config.endpoint),
    updateOf: async (msg, known) => {
      const scope = begin(msg);
      const endpoint = endpointOf(scope, config.endpoint);
      const connection = await endpoint.connect();
      const { input, changesAt } = await read(scope, connection, known(connection));
      const parts = { node, config, scope, endpoint, connection };
      return {
        endpoint,
        connection,
        input: { ...input, mode: 'resolve' },
        changesAt,
        run: (request, around) => runUpdate(parts, request, around),
        fetch: (fields, stop) => fetchNow(parts, input.ref, fields, stop),
      };
    },
  };
  Object.assign(node, { updateSource });
}

interface Parts {
  readonly node: Node;
  readonly config: SourceConfig;
  readonly scope: Scope;
  readonly endpoint: RecordEndpointNode;
  readonly connection: Connection;
}

async function runUpdate(
  { node, config, scope, endpoint, connection }: Parts,
  request: UpdateRequest,
  { beforeWrite, stop, kill }: RunAround,
): Promise<UpdateOutput> {
  const policy = connection.policyNow();
  const { ref } = request;
  const turn = config.serialize ? turnOf(endpoint.locks, policy, ref) : undefined;
  const context = updateContext(connection, {
    node,
    transport: transportFor(scope, connection.transport),
    policy,
    turn,
    stop: AbortSignal.any([scope.stop, stop]),
    kill: AbortSignal.any([scope.kill, kill]),
  });
  context.beforeWrite = beforeWrite;
  context.onEnded = endpoint.ended;
  if (endpoint.config.versionLog) context.onAttempt = versionLog(node, ref);
  const output = await updateRecord(request, context);
  if (!isPractice(endpoint)) return output;
  return { ...output, result: { ...output.result, practice: true } };
}

function fetchNow(
  { node, scope, connection }: Parts,
  ref: RecordRef,
  fields: readonly string[] | undefined,
  stop: AbortSignal,
): Promise<Fetched> {
  const { family, transport, policyNow, budget, ownWrites } = connection;
  return fetchRecord(ref, fields, {
    family,
    transport,
    policy: policyNow(),
    time: systemTime,
    random: Math.random,
    ownWrites,
    stop: AbortSignal.any([scope.stop, stop]),
    line: connection.lineFor(node),
    ...(budget === undefined ? {} : { budget }),
  });
}
