import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The process that may write a store file. Plain data: it stands in the lock file. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601: since when it holds the file. */
  readonly since: string;
  /** Names this process among all that ever run, so that another with its number is not taken for it. Linux only. */
  readonly birth?: Birth;
}

/** `started`: ticks after the start of the kernel `boot`; `space`: where the process number means something. */
interface Birth {
  readonly boot: string;
  readonly space: string;
  readonly started: string;
}

/** What tells processes apart. */
export interface Machine {
  /** @param since wall clock, milliseconds since the epoch */
  self(since: number): Promise<Holder>;
  /** Undefined: it cannot be seen from here, as in another container or on another computer. */
  isRunning(holder: Holder): Promise<boolean | undefined>;
}

export const thisMachine: Machine = {
  async self(since) {
    const birth = await birthOf('self').catch(() => undefined);
    const own = { pid: process.pid, host: hostname(), since: new Date(since).toISOString() };
    return birth === undefined ? own : { ...own, birth };
  },
  async isRunning({ pid, birth }) {
    const own = await birthOf('self').catch(() => undefined);
    if (birth === undefined || own?.boot !== birth.boot || own.space !== birth.space) {
      return undefined;
    }
    if (!hasProcess(pid)) return false;
    const there = await birthOf(pid).catch(() => undefined);
    if (there === undefined) return hasProcess(pid) ? undefined : false;
    return there.started === birth.started && !there.isDead;
  },
};

/** @returns the text of the lock file */
export function holderText(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** Undefined: it does not say who, because it is damaged, half written or of another version. */
export function readHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    if (typeof holder !== 'object' || holder === null) return undefined;
    const { pid, host, since, birth } = holder;
    if (!isPid(pid) || typeof host !== 'string' || typeof since !== 'string') return undefined;
    return { pid, host, since, ...(isBirth(birth) && { birth }) };
  } catch {
    return undefined;
  }
}

/** A signal to 0 or below would go to a whole group. */
function isPid(pid: unknown): pid is number {
  return Number.isInteger(pid) && (pid as number) > 0;
}

function isBirth(birth: unknown): birth is Birth {
  if (typeof birth !== 'object' || birth === null) return false;
  const { boot, space, started } = birth as Record<string, unknown>;
  return [boot, space, started].every(text => typeof text === 'string');
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // That of another user is there, but must not be sent anything.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Places in /proc/PID/stat, counted from behind the name, which may hold anything: proc_pid_stat(5). */
const STATE = 0;
const START_TIME = 19;

/** Rejects where there is no /proc, or no such process in it. */
async function birthOf(pid: number | 'self'): Promise<Birth & { readonly isDead: boolean }> {
  const [boot, space, stat] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'latin1'),
    readlink('/proc/self/ns/pid'),
    readFile(`/proc/${pid}/stat`, 'latin1'),
  ]);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[STATE], fields[START_TIME]];
  if (state === undefined || started === undefined) throw new Error('/proc is not as expected');
  // One that has ended stays in the table until its parent asks for it, which may be never.
  return { boot: boot.trim(), space, started, isDead: state === 'Z' || state === 'X' };
}
