import { AZURE_BLOB, AZURE_TABLE, COSMOS_DB } from './azure';
import { ERPNEXT, FHIR, FHIR_BEFORE_R4, MAXIMO, SALESFORCE, ZENDESK } from './business';
import { BUSINESS_CENTRAL, GRAPH_LISTS, PLANNER, SHAREPOINT } from './microsoft';
import type { PlayedApi } from './played-api';
import { CONSUL, ELASTICSEARCH, KUBERNETES, NETBOX, VAULT } from './stores';
import { GITLAB, JIRA, SERVICENOW } from './unchecked';

/** Those that check a version. */
export const CHECKED: readonly PlayedApi[] = [
  BUSINESS_CENTRAL,
  PLANNER,
  GRAPH_LISTS,
  SHAREPOINT,
  AZURE_TABLE,
  AZURE_BLOB,
  COSMOS_DB,
  SALESFORCE,
  MAXIMO,
  ERPNEXT,
  ZENDESK,
  FHIR,
  FHIR_BEFORE_R4,
  ELASTICSEARCH,
  KUBERNETES,
  NETBOX,
  CONSUL,
  VAULT,
];

export const UNCHECKED: readonly PlayedApi[] = [JIRA, SERVICENOW, GITLAB];
