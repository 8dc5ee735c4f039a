/** What a look at the server brings that an administrator should know; all of it works, but is less safe. */
export interface Finding {
  readonly kind: 'evicts' | 'forgets';
  /** For people: what is the matter and what to do. */
  readonly message: string;
  /** Values for whoever says it in another language. */
  readonly values: Readonly<Record<string, string>>;
}

/** From the answer to INFO; empty where Redis does not say. */
export function findingsIn(info: string): Finding[] {
  const policy = valueOf(info, 'maxmemory_policy');
  const found: Finding[] = [];
  // Without a limit nothing is ever evicted.
  const limited = !['0', undefined].includes(valueOf(info, 'maxmemory'));
  if (limited && policy !== undefined && policy !== 'noeviction') found.push(evicts(policy));
  if (valueOf(info, 'aof_enabled') === '0') found.push(FORGETS);
  return found;
}

/** Whether the server says that what it was told survives its own crash; where it does not say, it may not. */
export function keepsFile(info: string): boolean {
  return valueOf(info, 'aof_enabled') === '1';
}

function valueOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

function evicts(policy: string): Finding {
  return {
    kind: 'evicts',
    message: `Redis deletes keys when its memory is full (maxmemory-policy ${policy}): locks, seen events and waiting updates may vanish before their time. Set maxmemory-policy noeviction.`,
    values: { policy },
  };
}

const FORGETS: Finding = {
  kind: 'forgets',
  message:
    'Redis keeps no append-only file: what it was told last is lost when it is restarted, events may pass once more, and updates that waited are gone. Set appendonly yes.',
  values: {},
};
