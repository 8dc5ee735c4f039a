import { english } from './english';
import type { Fields } from './fields';
import { readSettings, type Settings } from './read-settings';

export { namesIn, type Settings } from './read-settings';

/** Reads the fields of a dialog as the runtime does: what is wrong is said in English, as all errors are. */
export function settingsOf<F extends Fields>(
  fields: F,
  config: { readonly [Name in keyof F]?: unknown },
): Settings<F> {
  return readSettings(english, fields, config);
}
