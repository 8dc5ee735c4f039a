import type { FamilyId } from '../../../lib/api/family-ids';
import type { Translate, Validity } from '../checks';
import type { TextKey } from '../text-key';
import { currentValue } from './dialog';
import type { EditorNode, EndpointNode } from './red';

type Method = 'PATCH' | 'PUT' | 'MERGE' | 'ACTION';

/** What each API family takes; the families themselves are part of the runtime only. */
const METHODS: Readonly<Record<FamilyId, readonly Method[]>> = {
  dataverse: ['PATCH', 'ACTION'],
  'finance-operations': ['PATCH', 'ACTION'],
  'sap-gateway': ['MERGE', 'PATCH', 'PUT'],
  odata: ['PATCH', 'PUT', 'ACTION'],
  'sap-cx': ['PATCH', 'PUT', 'ACTION'],
  apriso: ['PATCH', 'PUT', 'ACTION'],
  couchdb: ['PUT'],
  rest: ['PATCH', 'PUT', 'MERGE', 'ACTION'],
};
const SAP_GATEWAY_V4: readonly Method[] = ['PATCH', 'PUT', 'ACTION'];

/** The methods that an endpoint's API takes; undefined where no endpoint is known. */
export function methodsOf(
  endpoint: EndpointNode | null | undefined,
): readonly Method[] | undefined {
  if (endpoint?.family === undefined) return undefined;
  const { family, server, odataVersion } = endpoint;
  // The Practice API speaks V2.
  const isV4 = family === 'sap-gateway' && server === 'url' && odataVersion === 'v4';
  return isV4 ? SAP_GATEWAY_V4 : METHODS[family];
}

/**
 * The method must be one that the API of the chosen endpoint takes.
 * @param named keys of the catalogue, for the methods that the dialog offers by another name; without one, no action is offered
 */
export function checkMethod(
  t: Translate,
  named: { readonly ACTION?: TextKey } = {},
): (value: unknown, node: EditorNode<{ readonly endpoint: string }>) => Validity {
  const nameOf = (method: unknown): string =>
    method === 'ACTION' && named.ACTION !== undefined ? t(named.ACTION) : String(method);
  return (value, node) => {
    const methods = methodsOf(RED.nodes.node(String(currentValue(node, 'endpoint'))));
    if (methods === undefined || methods.some(method => method === value)) return true;
    const offered = methods.filter(method => method !== 'ACTION' || named.ACTION !== undefined);
    return t('shared.errors.method', {
      method: nameOf(value),
      choices: offered.map(nameOf).join(', '),
    });
  };
}
