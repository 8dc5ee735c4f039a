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

/** Builds, packs and installs the package outside the project, where only its own dependencies are. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  await ensureBuilt();
  const temp = makeTempDir('test');
  try {
    const userDir = path.join(temp.dir, 'user');
    await installUserDir(userDir, await packPackage(temp.dir));
    provide('userDir', userDir);
    provide('packageDir', path.join(userDir, 'node_modules', readManifest().name));
  } catch (error) {
    temp.remove();
    throw error;
  }
  return () => temp.remove();
}
