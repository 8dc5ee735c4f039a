import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ApiFamily } from '../../lib/api/family';
import { DEFAULT_POLICY } from '../../lib/retry/policy';
import { systemTime } from '../../lib/retry/time';
import type { Transport } from '../../lib/transport/transport';
import type { UpdateContext } from '../../lib/update/context';
import type { UpdateRequestInput } from '../../lib/update/request';

/** An update whose dialog was left as it is, for those that no node begins. */
export const USUAL_UPDATE: Omit<UpdateRequestInput, 'ref' | 'changes'> = {
  computation: undefined,
  sameValue: 'automatic',
  guards: [],
  fieldTypes: {},
  method: 'PATCH',
  transition: undefined,
  action: undefined,
  stamp: undefined,
  mode: 'resolve',
  rule: 'report',
  force: false,
  turnWaitMs: 10_000,
  snapshot: undefined,
  base: undefined,
  pending: undefined,
};

/** One that goes by the clock, waits for nobody's turn, and that nobody stops. */
export function usualContext(family: ApiFamily, transport: Transport): UpdateContext {
  const { signal: never } = new AbortController();
  // As nodes do it: one listener per update under way is no leak.
  setMaxListeners(0, never);
  return {
    family,
    transport,
    policy: DEFAULT_POLICY,
    time: systemTime,
    random: Math.random,
    stop: never,
    kill: never,
    turn: undefined,
    newToken: randomUUID,
  };
}
