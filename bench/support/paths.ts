import { fileURLToPath } from 'node:url';

/** Folder of package.json; the compiled programs lie in `.cache/bench`. */
const ROOT_URL = new URL('../../', import.meta.url);
export const ROOT = fileURLToPath(ROOT_URL);

/** A path inside the project. */
export function inRoot(path: string): string {
  return fileURLToPath(new URL(path, ROOT_URL));
}

/** A compiled program of this folder. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
}
