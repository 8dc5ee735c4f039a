import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageName } from './build';

/** As `npm link` would: Node-RED finds the package in `build` and the package finds its dependencies there. */
export function linkPackage(userDir: string, build: string): void {
  const name = packageName(build);
  const link = join(userDir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(build, link, 'junction');
  const dependencies = { [name]: '*' };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'bench', dependencies }));
}
