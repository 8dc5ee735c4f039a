import type { Node, NodeAPI } from 'node-red';
import type { SameTarget } from '../../lib/coordination/seen-events';
import { InputError } from '../../lib/errors';
import { isFields, type RecordKey } from '../../lib/record/fields';
import { encodeODataKey } from '../../lib/record/key';
import { keyOf } from '../shared/endpoint';
import type { Message } from '../shared/on-input';
import { evaluate } from '../shared/typed-value';
import type { EventDedupeConfig } from './config';
import { sameWindowMs } from './windows';

/**
 * The record and the status an event asks for; undefined when only the id counts.
 * Throws InputError `TARGET_INVALID`, `KEY_INVALID` or `NUMBER_INVALID`.
 */
export async function sameTarget(
  RED: NodeAPI,
  node: Node,
  config: EventDedupeConfig,
  msg: Message,
): Promise<SameTarget | undefined> {
  if (!config.same) return undefined;
  const windowMs = sameWindowMs(config);
  const record = recordText(await keyOf(RED, node, config, msg));
  return { record, target: await target(RED, node, config, msg), windowMs };
}

/** One text per record, in whatever order a composite key names its fields. Throws InputError `KEY_INVALID`. */
function recordText(key: RecordKey): string {
  if (!isFields(key)) return encodeODataKey(key);
  const parts = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
  return encodeODataKey(Object.fromEntries(parts));
}

async function target(
  RED: NodeAPI,
  node: Node,
  { target: value, targetType: type }: EventDedupeConfig,
  msg: Message,
): Promise<string> {
  const status = await evaluate(RED, node, { value, type, label: 'Target status' }, msg);
  if (typeof status === 'string' && status.trim() !== '') return status;
  if (typeof status === 'number' && Number.isFinite(status)) return String(status);
  throw new InputError(
    'TARGET_INVALID',
    `Target status must be text or a number, and this message has ${describe(status)}. Set it in the message, or correct Target status in the dialog.`,
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'an empty one' : `a value of type ${typeof value}`;
}
