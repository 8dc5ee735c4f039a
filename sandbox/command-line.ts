import { parseArgs } from 'node:util';
import type { FaultRule } from './faults/fault-rules';
import type { SandboxOptions } from './options';
import { ratesOf } from './people/interference';
import type { Load, LoadName } from './people/interference';

/**
 * `--port --seed --load --open --orders --work-orders --territories --described-sets --latency --jitter
 * --no-history --auth`; counts and milliseconds are whole numbers, `--open` is a share that replaces the one of
 * the load. Throws, naming the option, on anything else.
 */
export function optionsFrom(args: readonly string[]): SandboxOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      load: { type: 'string', default: 'quiet' },
      open: { type: 'string' },
      orders: { type: 'string', default: '200' },
      'work-orders': { type: 'string', default: '200' },
      territories: { type: 'string', default: '50' },
      'described-sets': { type: 'string', default: '0' },
      latency: { type: 'string', default: '0' },
      jitter: { type: 'string', default: '0' },
      'no-history': { type: 'boolean', default: false },
      auth: { type: 'boolean', default: false },
    },
  });
  const number = (
    name:
      | 'port'
      | 'seed'
      | 'orders'
      | 'work-orders'
      | 'territories'
      | 'described-sets'
      | 'latency'
      | 'jitter',
  ): number => wholeNumber(name, values[name]);
  return {
    port: number('port'),
    seed: number('seed'),
    load: loadFrom(values.load, values.open),
    orders: number('orders'),
    workOrders: number('work-orders'),
    territories: number('territories'),
    describedSets: number('described-sets'),
    keepHistory: !values['no-history'],
    faults: latencyRules(number('latency'), number('jitter')),
    ...(values.auth ? { auth: {} } : {}),
  };
}

/** Throws when there is no load of this name, or the share is none. */
function loadFrom(name: string, open: string | undefined): Load {
  if (open === undefined) return name as LoadName;
  const share = Number(open);
  if (open.trim() === '' || !(share >= 0 && share <= 1)) {
    throw new Error(`--open: a share from 0 to 1, not '${open}'`);
  }
  return { ...ratesOf(name), open: share };
}

function latencyRules(ms: number, jitterMs: number): readonly FaultRule[] {
  return ms + jitterMs === 0 ? [] : [{ fault: 'latency', ms, jitterMs }];
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: a whole number, not '${text}'`);
  return Number(text);
}
