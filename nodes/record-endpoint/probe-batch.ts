import { randomUUID } from 'node:crypto';
import type { WritePlan } from '../../lib/api/family';
import type { Answer, Fault } from '../../lib/outcome/answer';
import type { SendOptions } from '../../lib/transport/transport';
import type { Connection } from './connection';

/**
 * Sends a write alone in a batch, and says what became of it there: the answer of its own; undefined where the API takes
 * no batches or they are switched off, or where the answer to the batch says nothing of it.
 */
export async function writeInBatch(
  { bulk: { writes }, family, transport }: Connection,
  plan: WritePlan,
  options: SendOptions,
): Promise<{ readonly batch: Answer | Fault; readonly member?: Answer } | undefined> {
  if (writes === undefined) return undefined;
  const members = [{ plan, request: family.writeRequest(plan) }];
  const request = writes.request(members, { atomic: false, boundary: randomUUID() });
  const batch = await transport.write(request, options);
  if (batch.kind === 'fault') return { batch };
  const told = writes.answersIn(batch, members, { atomic: false });
  const [member] = told.kind === 'members' ? told.members : [];
  return member?.kind === 'answer' ? { batch, member: member.answer } : { batch };
}
