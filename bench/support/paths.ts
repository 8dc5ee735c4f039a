import { fileURLToPath } from 'node:url';

/** Folder of package.json; the compiled programs lie in `.cache/bench`. */
const ROOT = new URL('../../', import.meta.url);

/** A path inside the project. */
export function inRoot(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** A compiled program of this folder. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
}
