import { randomUUID } from 'node:crypto';
import { systemTime } from '../../lib/retry/time';
import type { RetryPolicy } from '../../lib/retry/policy';
import {
  updateRecords,
  type BulkContext,
  type BulkEvents,
  type BulkOptions,
} from '../../lib/update/bulk/bulk';
import type { Notify } from '../../lib/update/bulk/notice';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import type { Groups } from '../../lib/update/bulk/groups';
import type { UpdateOutput } from '../../lib/update/known';
import { isPractice, type Connection, type RecordEndpointNode } from '../record-endpoint/lookup';
import { heldUrl } from '../shared/lease';
import type { Scope } from '../shared/scope';
import { settingsOf } from '../shared/settings';
import { withRemarks } from '../shared/remarks';
import { transportFor } from '../shared/trace';
import { PLAIN_TURN, turnOf, type TurnReport } from '../shared/turn';
import type { Rules } from '../shared/update-rules';
import { versionLog } from '../shared/version-log';
import { BULK_FIELDS, type BulkUpdateConfig } from './config';
import type { Items } from './items';
import { Lost } from './lost';
import { grouped, membersOf, type Making } from './members';
import type { Outlet, Over } from './outlet';
import { Progress } from './progress';

/** The updates of one run, and where their results go. */
export interface RunParts {
  readonly endpoint: RecordEndpointNode;
  readonly connection: Connection;
  readonly rules: Rules;
  readonly items: Items;
  readonly outlet: Outlet;
  /** Tells the flow's author something, once for each code. */
  readonly notify: Notify;
  /** Messages that may hold a lock of a record. */
  readonly scopes: readonly Scope[];
}

/** Milliseconds between two messages about the progress. */
const TOLD_EVERY_MS = 200;

/**
 * Updates all records and hands out the result of each. Rejects with InputError where no request has left, and with
 * StopError when the flow is stopped; results that are out by then stay out.
 */
export async function runUpdates(
  scope: Scope,
  config: BulkUpdateConfig,
  parts: RunParts,
): Promise<void> {
  const { connection, items, rules } = parts;
  const making = { family: connection.family, rules, method: config.method };
  const groups = await grouped(items, making, scope.stop);
  await new Run(scope, config, parts, groups).through(making);
}

class Run {
  private readonly progress: Progress;
  /** Of this run. */
  private readonly policy: RetryPolicy;
  private readonly lost = new Lost();
  /** Of the turns that something is to be told of, by the groups of their records. */
  private readonly reports = new Map<number, TurnReport>();

  constructor(
    private readonly scope: Scope,
    private readonly config: BulkUpdateConfig,
    private readonly parts: RunParts,
    private readonly groups: Groups,
  ) {
    this.progress = new Progress(scope.status, groups.count);
    this.policy = parts.connection.policyNow();
    parts.outlet.begin(groups.count);
  }

  async through(making: Making): Promise<void> {
    const { config, groups, lost, parts } = this;
    const { items, outlet } = parts;
    const order = config.serialize ? groups.byAddress() : Array(groups.count).keys();
    try {
      const members = membersOf(items, groups, making, order);
      const summary = await updateRecords(members, this.context(), this.options(), this.events());
      outlet.end(summary);
      this.progress.end();
      if (config.progress) outlet.progress(summary, 100);
    } catch (error) {
      this.abandon();
      throw lost.with(error instanceof Error ? error : new Error(String(error))) ?? error;
    }
    const error = lost.with();
    if (error !== undefined) throw error;
  }

  private events(): BulkEvents {
    const { config, groups, parts } = this;
    return {
      onResult: (group, output) => {
        this.over(group, output);
      },
      onStopped: (group, error) => {
        parts.outlet.stopped(groups.itemsOf(group), error);
      },
      ...(config.progress ? { onProgress: telling(parts.outlet, groups.count) } : {}),
      onNotice: parts.notify,
    };
  }

  private over(group: number, output: UpdateOutput): void {
    const over = this.overOf(group, output);
    this.progress.add(over.result);
    if (this.parts.endpoint.config.versionLog) this.log(over);
    this.handOut(over);
  }

  private overOf(group: number, { result, record }: UpdateOutput): Over {
    const items = this.groups.itemsOf(group);
    // Added to the result itself: V8 takes microseconds to copy an object with one member more.
    const told = Object.assign(result, { items });
    const isOnlyPractice = isPractice(this.parts.endpoint);
    const remarked = withRemarks(told, isOnlyPractice, this.reportOf(group), {
      policy: this.policy,
      node: this.scope.node.id,
    });
    return { group, record, result: remarked };
  }

  private reportOf(group: number): TurnReport {
    return this.reports.get(group) ?? PLAIN_TURN;
  }

  /** The others go on whatever becomes of the message of one. */
  private handOut(over: Over): void {
    try {
      this.parts.outlet.put(over);
    } catch (error) {
      this.lost.add(over.result, error);
    }
  }

  private abandon(): void {
    for (const result of this.parts.outlet.abandon()) this.lost.add(result);
  }

  private log({ result: { items, attempts } }: Over): void {
    const [first = 0] = items;
    if (attempts.length === 0) return;
    const { ref } = this.parts.items.at(first);
    attempts.forEach(versionLog(this.scope.node, ref));
  }

  private options(): BulkOptions {
    const { config, parts } = this;
    const read = settingsOf(BULK_FIELDS, config);
    const pauseS = read.optional('settlePause');
    return {
      batchSize: read.number('batchSize'),
      parallel: read.optional('parallel'),
      pauseMs: pauseS === undefined ? parts.connection.settlePauseMs : Math.round(pauseS * 1000),
      atomic: config.atomic,
    };
  }

  private context(): BulkContext {
    const { config, parts, scope } = this;
    const { connection, endpoint } = parts;
    const { family, budget, idempotency, ownWrites, bulk } = connection;
    // Requests for records of several messages belong to no trace of one.
    const isOne = parts.scopes.length === 1;
    const transport = isOne ? transportFor(scope, connection.transport) : connection.transport;
    const { policy } = this;
    return {
      family,
      transport,
      bulk,
      policy,
      time: systemTime,
      random: Math.random,
      ownWrites,
      stop: scope.stop,
      kill: scope.kill,
      newToken: randomUUID,
      onEnded: endpoint.ended,
      ...(config.serialize ? { turnFor: this.turns(policy) } : {}),
      ...(budget === undefined ? {} : { budget }),
      ...(idempotency === undefined ? {} : { idempotency }),
      // The attempts are logged once the record is over; being asked for, they carry what had changed.
      ...(endpoint.config.versionLog ? { onAttempt: () => undefined } : {}),
    };
  }

  /** None for records that the messages hold already. */
  private turns(policy: RetryPolicy): NonNullable<BulkContext['turnFor']> {
    const { config, parts } = this;
    const { locks } = parts.endpoint;
    const held = new Set(parts.scopes.map(one => heldUrl(one, config.lock, locks)));
    return ({ index, request: { ref } }) => {
      if (held.has(ref.url)) return undefined;
      return turnOf(locks, policy, ref, report => this.reports.set(index, report));
    };
  }
}

/** Tells now and then: a run may take thousands of requests. Whatever fails there fails the last time as well. */
function telling(outlet: Outlet, count: number): NonNullable<BulkEvents['onProgress']> {
  let toldAt = Number.NEGATIVE_INFINITY;
  return summaryNow => {
    const now = systemTime.monotonic();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    const summary: BulkSummary = summaryNow();
    try {
      // The last one says 100.
      outlet.progress(summary, Math.min(99, Math.floor((100 * summary.records) / count)));
    } catch {
      toldAt = Number.POSITIVE_INFINITY;
    }
  };
}
