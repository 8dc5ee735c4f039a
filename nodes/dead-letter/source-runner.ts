import { InputError } from '../../lib/errors';
import type { WriteFate } from '../../lib/outcome/outcome';
import type { RecordRef } from '../../lib/record/ref';
import type { DeadLetter } from '../../lib/review/dead-letter';
import type {
  PreparedReview,
  RecordSeen,
  ReviewRunner,
  RunOrder,
  RunReport,
  Unprepared,
} from '../../lib/review/runner';
import type { FieldRules } from '../../lib/review/review-fields';
import {
  checkRequest,
  fieldTypeOf,
  updateHash,
  type UpdateRequest,
} from '../../lib/update/request';
import { isPractice, type Connection, type RecordEndpointNode } from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';
import { updateSourceOf, type SourceUpdate, type UpdateSource } from '../shared/update-source';
import { messageOf } from './outgoing';

/** Ends what is under way when the flow is stopped. */
export interface Stopping {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

type Nodes = Pick<NodeAPI, 'nodes'>;

/** Has updates done once more by the nodes that made them, with their own settings. */
export function createSourceRunner({ nodes }: Nodes, stopping: Stopping): ReviewRunner {
  return {
    prepare: async (entry, baseUrl) => {
      const source = updateSourceOf(nodes.getNode(entry.source?.node ?? ''));
      if (source === undefined) return sourceMissing(entry);
      const endpoint = source.endpoint();
      const connection = await endpoint.connect();
      const now = baseOf(endpoint, connection);
      const made = entry.endpoint?.baseUrl ?? now;
      if (made !== now && baseUrl !== now) return moved(made, now);
      return new Prepared(entry, source, stopping).ready(connection);
    },
  };
}

function sourceMissing({ source }: DeadLetter): Unprepared {
  const who =
    source === undefined
      ? 'No node is known that could do this update once more: it did not come from conditional-update or bulk-update'
      : `The node that made this update (${source.type}, ${source.name === '' ? source.node : source.name}) is not deployed`;
  return {
    kind: 'unprepared',
    code: 'SOURCE_MISSING',
    message: `${who}. Deploy it again, settle the record by hand and take theirs, or discard the dead letter.`,
  };
}

function moved(made: string, now: string): Unprepared {
  return {
    kind: 'unprepared',
    code: 'ENDPOINT_MOVED',
    message: `The update was made for ${made}, and its node would send it to ${now} now. Nothing was sent. Confirm that address, or point the endpoint back.`,
    baseUrl: now,
  };
}

/** Where an endpoint points. The Practice API has another port each time it starts. */
export function baseOf(endpoint: RecordEndpointNode, { baseUrl }: Connection): string {
  return isPractice(endpoint) ? `practice:${baseUrl.pathname}` : baseUrl.href;
}

/** The address of a record as it is kept: below the base that is kept. */
export function storedUrl(url: string, { endpoint, connection }: SourceUpdate): string {
  const { href } = connection.baseUrl;
  return url.startsWith(href) ? baseOf(endpoint, connection) + url.slice(href.length) : url;
}

export function rulesOf({ input, connection: { family } }: SourceUpdate): FieldRules {
  return {
    typeOf: fieldTypeOf(input.fieldTypes, family),
    readName: name => family.readName(name),
    missingMeansNull: family.missingMeansNull,
  };
}

class Prepared {
  constructor(
    private readonly entry: DeadLetter,
    private readonly source: UpdateSource,
    private readonly stopping: Stopping,
  ) {}

  async ready(connection: Connection): Promise<PreparedReview> {
    const update = await this.updateOf(this.entry.changes);
    const { deadlineMs } = connection.policyNow();
    return {
      kind: 'prepared',
      rules: rulesOf(update),
      longestMs: deadlineMs + update.input.turnWaitMs,
      read: () => this.read(update),
      run: (order, beforeWrite) => this.run(order, beforeWrite),
    };
  }

  private updateOf(changes: RunOrder['changes']): Promise<SourceUpdate> {
    const msg = messageOf(this.entry, changes);
    return this.source.updateOf(msg, connection => {
      const ref = this.refAt(connection);
      return {
        ...(ref === undefined ? {} : { ref }),
        ...(changes === undefined ? {} : { changes }),
      };
    });
  }

  /** Undefined: the message has to say it. */
  private refAt({ family, baseUrl }: Connection): RecordRef | undefined {
    const { key, type } = this.entry.record;
    return key === undefined || type === '' ? undefined : family.locate(baseUrl, type, key);
  }

  private async read(update: SourceUpdate): Promise<RecordSeen> {
    const fetched = await update.fetch(this.names(update), this.stopping.stop);
    if ('snapshot' in fetched) return { kind: 'seen', snapshot: fetched.snapshot };
    const { outcome, error } = fetched.result;
    const { code = outcome, message = outcome } = error ?? {};
    return { kind: outcome === 'not-found' ? 'gone' : 'unread', code, message };
  }

  /** What the entry shows and what is compared; undefined: all. */
  private names({ input, connection: { family } }: SourceUpdate): readonly string[] | undefined {
    if (input.computation !== undefined || input.method === 'PUT') return undefined;
    const { changes = {}, fields } = this.entry;
    const targets = [
      ...Object.keys(family.cleanChanges(changes)),
      ...fields.filter(({ isGuard }) => !isGuard).map(({ name }) => name),
    ];
    const guards = fields.filter(({ isGuard }) => isGuard).map(({ name }) => name);
    const names = [...targets.map(name => family.readName(name)), ...guards, ...input.guards];
    return names.length === 0 ? undefined : [...new Set(names)];
  }

  private async run(
    order: RunOrder,
    beforeWrite: (fate: WriteFate) => Promise<boolean>,
  ): Promise<RunReport> {
    const update = await this.updateOf(order.changes);
    const request = requestOf(update, order);
    const { result, record } = await update.run(request, { beforeWrite, ...this.stopping });
    return { update: result, record };
  }
}

/** Throws InputError like `checkRequest`, and `UPDATE_DIFFERS`. */
function requestOf(
  { input, connection: { family } }: SourceUpdate,
  { evidence, isDecided, shown }: RunOrder,
): UpdateRequest {
  const decided = isDecided ? ({ rule: 'report', force: false } as const) : {};
  const plain = {
    ...input,
    ...decided,
    transition: evidence.transition ?? input.transition,
    snapshot: shown?.url === input.ref.url ? shown : undefined,
    base: undefined,
    pending: undefined,
  };
  const { base, pending } = evidence;
  const request = checkRequest(plain, family);
  // At another address the record is another one: nothing that is known of this one says anything of it.
  if (base?.snapshot.url !== input.ref.url) return request;
  const hash = updateHash(request);
  if (pending !== undefined && pending.changesHash !== hash) throw differs();
  return checkRequest({ ...plain, base: { ...base, changesHash: hash }, pending }, family);
}

function differs(): InputError {
  return new InputError(
    'UPDATE_DIFFERS',
    'A write of this update may have been applied, and its node makes another one of the message by now, so nobody can tell by it. Look at the record; then write ours over what is there now, take theirs, or discard it.',
  );
}
