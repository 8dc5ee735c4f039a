import { field, setFieldValue, type Prefix } from './dialog';
import type { Validate } from './red';

/** Shows in the open dialog what holds for every property that a node saved by an earlier version lacks. */
export function fillMissing<Config extends object>(
  node: Config,
  prefix: Prefix,
  defaults: Config,
): void {
  for (const name of Object.keys(defaults) as (keyof Config & string)[]) {
    if (node[name] === undefined) setFieldValue(field(prefix, name), defaults[name]);
  }
}

/** The validator of a property that came later: where a node lacks it, its default holds. */
export function since<Node>(validate: Validate<Node>): Validate<Node> {
  return function (value, options) {
    return value === undefined ? true : validate.call(this, value, options);
  };
}
