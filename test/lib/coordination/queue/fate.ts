import type { WriteFate } from '../../../../lib/outcome/outcome';

/** Of a write that was about to leave with that version. */
export function fateOf(version: string): WriteFate {
  const snapshot = { key: 'r', url: 'http://mes/r', version, values: { a: 1.5 }, readAt: 'now' };
  const base = { snapshot, changesHash: 'h' };
  return { base, pending: { versionSent: version, changesHash: 'h' } } as unknown as WriteFate;
}
