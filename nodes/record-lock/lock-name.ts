import { InputError } from '../../lib/errors';
import { isFields, type RecordKey } from '../../lib/record/fields';

/**
 * The name of a record's lock, as other programs make it too: `{id}` stands for the key, `{Field}` for a part of a
 * composite one. Throws InputError `LOCK_NAME_INVALID`.
 */
export function lockNameOf(template: string, key: RecordKey): string {
  const parts: Readonly<Record<string, unknown>> = isFields(key) ? key : { id: key };
  return template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (typeof part === 'string' || typeof part === 'number') return String(part);
    const known = Object.keys(parts)
      .map(one => `{${one}}`)
      .join(', ');
    throw new InputError(
      'LOCK_NAME_INVALID',
      `Lock name asks for ${whole}, which the record's key does not have; it has ${known}. Correct it in the dialog.`,
    );
  });
}
