import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage } from '../support/link-package';
import { ROOT, program } from '../support/paths';
import { median, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (p) Memory of a Node-RED that has nothing to do, as the operating system counts it. */
export interface IdleFigures {
  /** With the package installed. */
  readonly rssMegabytes: number;
  /** Without it. */
  readonly plainRssMegabytes: number;
  /** What the package adds: the median of the differences of starts that followed each other. */
  readonly addedMegabytes: number;
}

const MEGABYTE = 1024 * 1024;

export async function measureIdle({ idleStarts }: Plan): Promise<IdleFigures> {
  const plain: number[] = [];
  const installed: number[] = [];
  for (let n = 0; n < idleStarts; n += 1) {
    plain.push(await memoryOf());
    installed.push(await memoryOf(ROOT));
  }
  const added = installed.map((bytes, pair) => bytes - (plain[pair] ?? Number.NaN));
  const megabytes = (values: readonly number[]) => rounded(median(values) / MEGABYTE, 1);
  return {
    rssMegabytes: megabytes(installed),
    plainRssMegabytes: megabytes(plain),
    addedMegabytes: megabytes(added),
  };
}

/** Starts a Node-RED in a process of its own; in bytes. @param build of the package; default: without it */
async function memoryOf(build?: string): Promise<number> {
  const userDir = mkdtempSync(join(tmpdir(), 'record-updates-bench-'));
  try {
    if (build !== undefined) linkPackage(userDir, build);
    writeFileSync(join(userDir, 'flows.json'), '[]');
    const child = fork(program('idle'), [userDir], { execArgv: ['--expose-gc'] });
    const exited = once(child, 'exit');
    const told = once(child, 'message');
    const [bytes] = await Promise.race([told, exited.then(() => [undefined])]);
    if (typeof bytes !== 'number') throw new Error('an idle Node-RED ended before it was measured');
    await exited;
    return bytes;
  } finally {
    rmSync(userDir, { recursive: true, force: true });
  }
}
