#!/usr/bin/env bash
# The bill of materials lacks dependencies that a tool of development needs, too.
#
# Package: npm@10.9.9, npm@11.19.1 (with tslib@2.8.1 and rxjs@7.8.1)
# Surprise: `npm sbom --omit dev` leaves out a package in `dependencies` as soon as a package in `devDependencies`
# depends on it as well. `npm ls --omit=dev` lists it, the lock file does not mark it as one of development, and
# it is installed with every user. CycloneDX and SPDX lack it alike.
# Why it matters: a bill of materials is there to find out who runs a vulnerable package. One that is made in the
# folder of a project looks complete and is not: the more tools a project uses, the more is missing.
# Seen:
#   npm 10.9.9: {"ls":["tslib"],"cyclonedx":[],"spdx":[],"without the tool":["tslib"]}
#   npm 11.19.1: the same
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir npms project alone
echo '{"private":true}' > npms/package.json
npm install --prefix npms --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
  npm10@npm:npm@10.9.9 npm11@npm:npm@11.19.1

cat > project/package.json <<'JSON'
{
  "name": "project",
  "version": "1.0.0",
  "license": "MIT",
  "dependencies": { "tslib": "2.8.1" },
  "devDependencies": { "rxjs": "7.8.1" }
}
JSON
cat > alone/package.json <<'JSON'
{ "name": "alone", "version": "1.0.0", "license": "MIT", "dependencies": { "tslib": "2.8.1" } }
JSON
for folder in project alone; do
  (cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts)
done

cat > probe.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';

function see(version) {
  const npm = (cwd, ...args) =>
    JSON.parse(
      execFileSync(process.execPath, [`npms/node_modules/${version}/bin/npm-cli.js`, '--prefix', cwd, ...args], {
        encoding: 'utf8',
      }),
    );
  const sbom = (cwd, format) => npm(cwd, 'sbom', '--omit', 'dev', '--sbom-format', format);
  return {
    ls: Object.keys(npm('project', 'ls', '--omit=dev', '--json').dependencies),
    cyclonedx: sbom('project', 'cyclonedx').components.map(({ name }) => name),
    spdx: sbom('project', 'spdx')
      .packages.map(({ name }) => name)
      .filter(name => name !== 'project'),
    'without the tool': sbom('alone', 'cyclonedx').components.map(({ name }) => name),
  };
}

const seen = { 'npm 10.9.9': see('npm10'), 'npm 11.19.1': see('npm11') };
const both = { ls: ['tslib'], cyclonedx: [], spdx: [], 'without the tool': ['tslib'] };
for (const [name, found] of Object.entries(seen)) console.log(`${name}: ${JSON.stringify(found)}`);
if (!isDeepStrictEqual(seen, { 'npm 10.9.9': both, 'npm 11.19.1': both })) {
  console.error('The behaviour has changed.');
  process.exit(1);
}
JS
node probe.mjs
