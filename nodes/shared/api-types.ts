/** Types of fields as the API describes them, kept in the node: nothing is asked when it runs. */
export interface ApiTypes {
  /** The records they are of. */
  readonly collection: string;
  readonly types: Readonly<Record<string, ApiType>>;
}

/** Of what type values are compared. Others are compared exactly anyway. */
export const API_TYPES = ['decimal', 'integer', 'date', 'date-time', 'guid'] as const;
export type ApiType = (typeof API_TYPES)[number];

/** The types that count for a node, by field; empty where they are of other records, or nobody has asked for them. */
export function apiTypesFor(
  kept: unknown,
  node: { readonly collection: unknown; readonly collectionType: unknown },
): Readonly<Record<string, ApiType>> {
  const { collection, types } = (kept ?? {}) as Partial<ApiTypes>;
  if (node.collectionType !== 'str' || collection === undefined) return {};
  if (collection !== node.collection || typeof types !== 'object') return {};
  // A flow may have been edited by hand.
  const known = Object.entries(types).filter(([, type]) => API_TYPES.includes(type));
  return Object.fromEntries(known);
}
