// Snapshot chaining (docs/safety.md): an update tries the version first that the write before it has returned.
import type { ChainedRecord } from './chains';
import {
  fieldsToRead,
  isShown,
  knownAtFirst,
  type Known,
  type Latest,
  type Task,
  type Trouble,
  writesFromRead,
} from './known';
import { isOfThisWrite } from './own-writes';
import { read, type Next } from './steps';

/**
 * What is known where an update begins on what the write before it has returned; undefined: that is not enough for it,
 * or no newer than what the message brings. It is as good as a read of that moment, but nobody knows whether it still holds.
 */
export function knownOnChain(task: Task, known: Known, chained: ChainedRecord): Known | undefined {
  const { base, pending, force, action } = task.request;
  // What earlier passes have left behind needs a look of its own, and these are not refused where the record moved.
  if (base !== undefined || pending !== undefined || force || action !== undefined)
    return undefined;
  const { snapshot } = chained;
  const fields = writesFromRead(task) ? undefined : fieldsToRead(task);
  if (fields?.every(name => Object.hasOwn(snapshot.values, name)) !== true) return undefined;
  if (known.latest !== undefined && !isNewer(chained, known.latest)) return undefined;
  return { ...known, latest: { from: 'chain', ...chained } };
}

function isNewer({ snapshot }: ChainedRecord, { snapshot: brought }: Latest): boolean {
  return brought.version === snapshot.version || isBefore(brought.readAt, snapshot.readAt);
}

/** Times as reads and writes note them down; nothing can be said of any other. */
function isBefore(one: string, other: string): boolean {
  return ISO_TIME.test(one) && one < other;
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The law of chaining: what the write before has returned chooses a version to try. All else needs a look of one's own. */
export function onlyToWrite(task: Task, next: Next): Next {
  const { known, step } = next;
  if (!isOnChain(known)) return next;
  const isSent = step.kind === 'write' || step.kind === 'compute';
  return isSent && !isShown(task, known) ? next : readAfresh(task, known);
}

/** Whether the record was seen last in what the write before has returned. */
export function isOnChain({ latest }: Known): boolean {
  return latest?.from === 'chain';
}

/** Whether a write on the chain was refused, and none was ever in doubt: it cost a request, and nothing else came of it. */
export function isRefusedOnChain(known: Known, { kind }: Trouble): boolean {
  return isOnChain(known) && !known.doubt.everInDoubt && REFUSALS.includes(kind);
}

const REFUSALS: readonly Trouble['kind'][] = ['version-conflict', 'undetermined', 'state-conflict'];

/** Begins anew, as if nothing had been returned. */
export function readAfresh(task: Task, known: Known): Next {
  const { attempts, reads, repeatedReads, writes } = known;
  const anew = { ...knownAtFirst(task), attempts, reads, repeatedReads, writes };
  return read(task, anew, { kind: 'reading', reading: { for: 'first', cached: 0 } });
}

/** What an update that has ended leaves for the next one: only what the answer to its own write has shown. */
export function chainedBy(
  { request }: Task,
  { latest, attempts }: Known,
): ChainedRecord | undefined {
  if (latest?.from !== 'write' || latest.answered === undefined) return undefined;
  // An action may have answered with anything.
  if (request.action !== undefined) return undefined;
  const { snapshot, answered } = latest;
  const { version } = snapshot;
  if (!isOfThisWrite(version, attempts.at(-1)?.versionSent)) return undefined;
  // Headers may hold cookies, and nobody asks for them.
  const answer = { ...answered.answer, headers: {} };
  return { snapshot: { ...snapshot, values: answered.values }, answer };
}
