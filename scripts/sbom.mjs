// npm run sbom [-- FILE]: writes what users get with the package as a bill of materials (CycloneDX, JSON). Part of a release.
import { writeFileSync } from 'node:fs';
import { billOfMaterials } from './lib/sbom.mjs';
import { withTempDir } from './lib/temp.mjs';

const [file = 'sbom.cdx.json'] = process.argv.slice(2);

try {
  const bill = await withTempDir('sbom', billOfMaterials);
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${file}: ${bill.components.length} packages`);
} catch (error) {
  console.error(`npm run sbom failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
