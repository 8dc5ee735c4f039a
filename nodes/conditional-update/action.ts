import type { Node, NodeAPI } from 'node-red';
import type { ApiFamily, BoundAction } from '../../lib/api/family';
import { InputError } from '../../lib/errors';
import { isFields, type Fields } from '../../lib/record/fields';
import type { Message } from '../shared/on-input';
import { settingsOf } from '../shared/settings';
import { evaluate } from '../shared/typed-value';
import { UPDATE_FIELDS, type ConditionalUpdateConfig } from './config';

/**
 * The action to call in place of a write; undefined where the changes themselves are written.
 * Throws InputError `ACTION_MISSING` or `PARAMETERS_INVALID`.
 */
export async function boundAction(
  RED: NodeAPI,
  node: Node,
  config: ConditionalUpdateConfig,
  msg: Message,
  written: { readonly changes: unknown; readonly family: ApiFamily },
): Promise<BoundAction | undefined> {
  if (config.method !== 'ACTION') return undefined;
  const name = settingsOf(UPDATE_FIELDS, config).text('action');
  return { name, parameters: await parameters(RED, node, config, msg, written) };
}

async function parameters(
  RED: NodeAPI,
  node: Node,
  { parameters: value, parametersType: type }: ConditionalUpdateConfig,
  msg: Message,
  { changes, family }: { readonly changes: unknown; readonly family: ApiFamily },
): Promise<Fields> {
  // Changes that are no object are refused with the request itself, in words of their own.
  if (type === 'changes') return isFields(changes) ? family.cleanChanges(changes) : {};
  const given = await evaluate(RED, node, { value, type, label: 'Parameters' }, msg);
  if (isFields(given)) return given;
  throw new InputError(
    'PARAMETERS_INVALID',
    'Parameters must be an object of names and values, for example {"status": "Shipped"}; {} where the action takes none. Correct them in the dialog or in the message.',
  );
}
