import { field, fieldValue } from '../shared/editor/dialog';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';

/** What the editor shows in place of a stored secret. */
const STORED_SECRET = '__PWRD__';
/** What the list of config nodes holds when none is chosen. */
const NO_CONFIG_NODE = '_ADD_';

const CREDENTIALS = ['user', 'password', 'token', 'apiKey', 'clientSecret'] as const;

/** The settings as the dialog shows them now, saved or not. */
export function dialogConfig(names: readonly (keyof RecordEndpointConfig)[]): object {
  const entries = names.map(name => {
    const value = fieldValue(field('node-config-input', name));
    return [name, value === NO_CONFIG_NODE ? '' : value];
  });
  return Object.fromEntries(entries) as object;
}

/** Only the credentials that were typed since the dialog was opened; stored secrets never come to the browser. */
export function typedCredentials(
  stored: Readonly<RecordEndpointCredentials>,
): RecordEndpointCredentials {
  const typed: RecordEndpointCredentials = {};
  for (const name of CREDENTIALS) {
    const value = String(fieldValue(field('node-config-input', name)));
    if (value !== '' && value !== STORED_SECRET && value !== stored[name]) typed[name] = value;
  }
  return typed;
}
