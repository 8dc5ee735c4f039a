import type { WritePlan } from '../api/family';
import type { Fields } from '../record/fields';
import type { Snapshot } from '../record/snapshot';
import type { Run } from './run';
import { stamped } from './stamp';

/** The next write of a run, on the snapshot it was decided on. */
export function planOf(run: Run, current: Snapshot): WritePlan {
  const { ref, method, action } = run.request;
  return {
    ref,
    method,
    changes: stamped(run, current.version, changesToSend(run, current)),
    precondition: run.isForced ? 'any' : preconditionOf(current),
    ...(run.readAnswer === undefined ? {} : { read: run.readAnswer }),
    ...(action === undefined ? {} : { action }),
  };
}

function preconditionOf({ version, modifiedAt }: Snapshot): WritePlan['precondition'] {
  return modifiedAt === undefined ? { version } : { version, modifiedAt };
}

/**
 * An action is called as a whole: what it was given says what it brings about. A snapshot of the message may have
 * been altered on its way, so only a read of this run tells what need not be sent.
 */
function changesToSend(run: Run, current: Snapshot): Fields {
  const { action } = run.request;
  const isWhole = run.isForced || action !== undefined;
  if (isWhole || !run.context.family.sendsOnlyDifferences) return run.toSend;
  if (run.readAnswer === undefined) return run.toSend;
  const names = new Set(run.missing(current.values));
  const differences = Object.entries(run.toSend).filter(([name]) => names.has(name));
  return differences.length === 0 ? run.toSend : Object.fromEntries(differences);
}
