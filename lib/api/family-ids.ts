/** The families, in the order in which the dialog offers them. */
export const FAMILY_IDS = [
  'dataverse',
  'finance-operations',
  'sap-gateway',
  'odata',
  'sap-cx',
  'apriso',
  'couchdb',
  'rest',
] as const;
export type FamilyId = (typeof FAMILY_IDS)[number];
