import { describe, expect, it } from 'vitest';
import { createFamily } from '../../lib/api/families';
import { FAMILY_IDS } from '../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import { methodsOf } from '../../nodes/shared/editor/method';

const VERSIONS = ['v2', 'v4'] as const;
const CASES = FAMILY_IDS.flatMap(family =>
  VERSIONS.map(odataVersion => ({ family, odataVersion })),
);

describe('the methods that conditional-update offers', () => {
  it.each(CASES)('are those of $family ($odataVersion)', ({ family, odataVersion }) => {
    const { methods, takesActions } = createFamily(family, {
      ...DEFAULT_API_SETTINGS,
      odataVersion,
    });
    const endpoint = { type: 'record-endpoint', server: 'url', family, odataVersion } as const;
    const taken = takesActions ? [...methods, 'ACTION'] : [...methods];
    expect([...(methodsOf(endpoint) ?? [])].sort()).toEqual(taken.sort());
  });

  it('are those of OData V2 at the Practice API, whatever was chosen before', () => {
    const endpoint = {
      type: 'record-endpoint',
      family: 'sap-gateway',
      odataVersion: 'v4',
    } as const;
    expect(methodsOf({ ...endpoint, server: 'practice' })).toContain('MERGE');
    expect(methodsOf({ ...endpoint, server: 'url' })).not.toContain('MERGE');
  });

  it('are unknown without an endpoint', () => {
    expect(methodsOf(null)).toBeUndefined();
    expect(methodsOf({ type: 'inject' })).toBeUndefined();
  });
});
