import type { Fields } from './field-types';
import { jsonObject } from './json-object';
import type { Reply } from './reply';
import { parseSalesOrderChanges, refusePayload } from './sales-order-changes';

interface Action {
  /** Each sets the field of the same name. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  'Microsoft.Dynamics.CRM.UpdateOrderStatus': {
    parameters: ['orderstatus'],
    required: ['orderstatus'],
  },
  'Microsoft.Dynamics.CRM.UpdateShippingDetails': {
    parameters: ['shippingmethodcode', 'requestdeliveryby', 'freightamount', 'shipto_latitude'],
    required: [],
  },
};

export function isSalesOrderAction(name: string): boolean {
  return Object.hasOwn(ACTIONS, name);
}

/** What an action that exists sets, or the 400 that refuses its parameters. */
export function parseActionChanges(
  name: string,
  body: string,
): { fields: Fields } | { refusal: Reply } {
  const { parameters = [], required = [] } = ACTIONS[name] ?? {};
  const payload = jsonObject(body) ?? {};
  const unknown = Object.keys(payload).find(parameter => !parameters.includes(parameter));
  if (unknown !== undefined) {
    return refusePayload(`The parameter '${unknown}' is not a parameter of '${name}'.`);
  }
  const missing = required.find(parameter => (payload[parameter] ?? null) === null);
  if (missing !== undefined) {
    return refusePayload(`The parameter '${missing}' of '${name}' is missing.`);
  }
  return parseSalesOrderChanges(body === '' ? '{}' : body);
}
