import type { ApiFamily, WritePlan } from '../../../lib/api/family';
import { classify } from '../../../lib/outcome/classify';
import type { Sent, Verdict } from '../../../lib/outcome/row';
import type { RecordRef } from '../../../lib/record/ref';
import { answer } from './answers';

/** A write of one field with a version, unless `plan` says otherwise. */
export function planFor(ref: RecordRef, plan: Partial<WritePlan> = {}): WritePlan {
  const usual = { method: 'PATCH', changes: { name: 'A' }, precondition: { version: '"1"' } };
  return { ref, ...usual, ...plan } as WritePlan;
}

export const WRITE: Sent = { method: 'PATCH', precondition: 'version' };
export const ACTION: Sent = { method: 'POST', precondition: 'version' };
export const READ: Sent = { method: 'GET', precondition: 'none' };

/** What a refusal means to the family. */
export function meaningOf(
  family: ApiFamily,
  { status, body, headers }: { status: number; body?: unknown; headers?: Record<string, string> },
  sent: Sent = WRITE,
): Verdict {
  const refused = answer(status, body, headers);
  return classify(refused, sent, family.errorOf(refused), family.rows);
}
