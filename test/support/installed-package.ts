import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { installUserDir, packPackage } from '../../scripts/lib/package.mjs';
import { readManifest } from '../../scripts/lib/root.mjs';
import { makeTempDir } from '../../scripts/lib/temp.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Node-RED user directory in which the packed package is installed. Only to be read. */
    userDir: string;
    /** The installed package in it. */
    packageDir: string;
  }
}

interface Installed {
  readonly userDir: string;
  readonly remove: () => void;
}

export default async function setup(project: TestProject): Promise<() => void> {
  const installed = await installPackage();
  providePackage(project, installed);
  return installed.remove;
}

/** Tells the tests where the package is installed. */
export function providePackage({ provide }: TestProject, { userDir }: Installed): void {
  provide('userDir', userDir);
  provide('packageDir', path.join(userDir, 'node_modules', readManifest().name));
}

/**
 * Packs and installs the package outside the project, where only its own dependencies are, unless
 * `npm test` has done so already.
 */
export async function installPackage(): Promise<Installed> {
  const shared = process.env.RECORD_UPDATES_INSTALLED;
  if (shared !== undefined) return { userDir: shared, remove: () => undefined };
  await ensureBuilt();
  const temp = makeTempDir('test');
  try {
    const userDir = path.join(temp.dir, 'user');
    await installUserDir(userDir, await packPackage(temp.dir));
    return { userDir, remove: () => temp.remove() };
  } catch (error) {
    temp.remove();
    throw error;
  }
}
