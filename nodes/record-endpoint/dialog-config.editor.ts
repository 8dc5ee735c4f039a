import { field, fieldValue } from '../shared/editor/dialog';
import { readBulk } from './bulk.editor';
import { ENDPOINT_FIELDS } from './config';
import { readExchange } from './exchange.editor';

/** What the list of config nodes holds when none is chosen. */
const NO_CONFIG_NODE = '_ADD_';

/** The settings as the dialog shows them now, saved or not. */
export function dialogConfig(): object {
  const entries = Object.keys(ENDPOINT_FIELDS).map(name => {
    const value = fieldValue(field('node-config-input', name));
    return [name, value === NO_CONFIG_NODE ? '' : value];
  });
  return { ...Object.fromEntries(entries), bulk: readBulk(), exchange: readExchange() } as object;
}
