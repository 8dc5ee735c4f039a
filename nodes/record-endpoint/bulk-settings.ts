import type { Fields } from '../../lib/record/fields';
import { defaultsOf } from '../shared/fields';
import { BULK_INPUTS, type BulkInputs } from './bulk-fields';

/** As stored or typed, by whoever did that. */
type Values = { readonly [Name in keyof BulkInputs]?: unknown };

/** The inputs of the dialog for stored settings; what those do not say stands at its default. */
export function inputsFor(stored: unknown): Record<string, unknown> {
  const bulk = isObject(stored) ? stored : {};
  const { list, endpoint } = bulk;
  return {
    ...defaultsOf(BULK_INPUTS),
    ...known({
      bulkMost: bulk.most,
      bulkMaxAddress: bulk.maxAddress,
      bulkKeyField: bulk.keyField,
      bulkFilter: bulk.filter,
      bulkMostComparisons: bulk.mostComparisons,
      bulkBatchFormat: bulk.batchFormat,
      bulkList: isObject(list) ? 'own' : list,
      bulkEndpoint: isObject(endpoint) ? 'own' : endpoint,
      ...(isObject(list) ? listInputs(list) : {}),
      ...(isObject(endpoint) ? endpointInputs(endpoint) : {}),
    }),
  };
}

function listInputs(list: Fields): Values {
  return {
    listPath: list.path,
    listBelow: list.below,
    listIds: list.ids,
    listSeparator: list.separator,
    listFields: list.fields,
    listItems: list.items,
    listId: list.id,
    listVersion: list.version,
    listNext: list.next,
  };
}

function endpointInputs(endpoint: Fields): Values {
  const results = isObject(endpoint.results) ? endpoint.results : {};
  return {
    endpointPath: endpoint.path,
    endpointBelow: endpoint.below,
    endpointItems: endpoint.items,
    endpointId: endpoint.id,
    endpointChanges: endpoint.changes,
    endpointVersionTo: endpoint.versionTo,
    endpointVersionName: endpoint.versionName,
    endpointAtomicQuery: endpoint.atomicQuery,
    resultsPath: results.path,
    resultsShape: results.shape,
    resultsId: results.id,
    resultsStatus: results.status,
    resultsVersion: results.version,
    resultsError: results.error,
    resultsRecord: results.record,
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function known(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The settings that the inputs stand for, as they are stored: a number may be text, as it was typed. */
export function settingsFor(inputs: Readonly<BulkInputs>) {
  return {
    v: 1 as const,
    maxAddress: inputs.bulkMaxAddress,
    most: inputs.bulkMost,
    keyField: inputs.bulkKeyField.trim(),
    filter: inputs.bulkFilter,
    mostComparisons: inputs.bulkMostComparisons,
    batchFormat: inputs.bulkBatchFormat,
    list: inputs.bulkList === 'own' ? listOf(inputs) : inputs.bulkList,
    endpoint: inputs.bulkEndpoint === 'own' ? endpointOf(inputs) : inputs.bulkEndpoint,
  };
}

function listOf(inputs: BulkInputs) {
  return {
    path: inputs.listPath.trim(),
    below: inputs.listBelow,
    ids: inputs.listIds.trim(),
    separator: inputs.listSeparator,
    fields: inputs.listFields.trim(),
    items: inputs.listItems.trim(),
    id: inputs.listId.trim(),
    version: inputs.listVersion.trim(),
    next: inputs.listNext.trim(),
  };
}

function endpointOf(inputs: BulkInputs) {
  return {
    path: inputs.endpointPath.trim(),
    below: inputs.endpointBelow,
    items: inputs.endpointItems.trim(),
    id: inputs.endpointId.trim(),
    changes: inputs.endpointChanges.trim(),
    versionTo: inputs.endpointVersionTo,
    versionName: inputs.endpointVersionName.trim(),
    atomicQuery: inputs.endpointAtomicQuery.trim(),
    results: {
      path: inputs.resultsPath.trim(),
      shape: inputs.resultsShape,
      id: inputs.resultsId.trim(),
      status: inputs.resultsStatus.trim(),
      version: inputs.resultsVersion.trim(),
      error: inputs.resultsError.trim(),
      record: inputs.resultsRecord.trim(),
    },
  };
}
