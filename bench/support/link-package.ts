import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from './paths';

/** As `npm link` would: Node-RED finds the package and the package finds its dependencies. */
export function linkPackage(userDir: string): void {
  const manifest = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { name: string };
  const link = join(userDir, 'node_modules', manifest.name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(inRoot('.'), link, 'junction');
  const dependencies = { [manifest.name]: '*' };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'bench', dependencies }));
}
