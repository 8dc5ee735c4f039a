import { expect, it } from 'vitest';
import { billOfMaterials } from '../../../scripts/lib/sbom.mjs';
import { readManifest } from '../../../scripts/lib/root.mjs';
import { withTempDir } from '../../../scripts/lib/temp.mjs';
import { PERMISSIVE } from '../../support/licences';

it('names the package, all that comes with it, and licences that allow every use', async () => {
  const { name, version, dependencies, optionalDependencies } = readManifest();
  const bill = await withTempDir('sbom', billOfMaterials);
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name, version } },
  });
  const names = bill.components.map(component => component.name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  expect(names).toEqual(expect.arrayContaining(Object.keys(optionalDependencies)));
  // Needed by axios, and by tools of development as well.
  expect(names).toContain('follow-redirects');
  expect(names).toContain('@dagrejs/dagre');
  const others = bill.components.filter(
    ({ licenses = [] }) => !licenses.some(({ license }) => PERMISSIVE.includes(license?.id ?? '')),
  );
  expect(others.map(component => component.name)).toEqual([]);
});
