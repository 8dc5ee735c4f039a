import { parseArgs } from 'node:util';
import type { FaultRule } from './fault-rules';
import type { LoadName } from './interference';
import type { SandboxOptions } from './options';

/**
 * `--port --seed --load --orders --work-orders --latency --jitter --no-history --auth`; counts and
 * milliseconds are whole numbers. Throws, naming the option, on anything else.
 */
export function optionsFrom(args: readonly string[]): SandboxOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      load: { type: 'string', default: 'quiet' },
      orders: { type: 'string', default: '200' },
      'work-orders': { type: 'string', default: '200' },
      latency: { type: 'string', default: '0' },
      jitter: { type: 'string', default: '0' },
      'no-history': { type: 'boolean', default: false },
      auth: { type: 'boolean', default: false },
    },
  });
  const number = (
    name: 'port' | 'seed' | 'orders' | 'work-orders' | 'latency' | 'jitter',
  ): number => wholeNumber(name, values[name]);
  return {
    port: number('port'),
    seed: number('seed'),
    load: values.load as LoadName,
    orders: number('orders'),
    workOrders: number('work-orders'),
    keepHistory: !values['no-history'],
    faults: latencyRules(number('latency'), number('jitter')),
    ...(values.auth ? { auth: {} } : {}),
  };
}

function latencyRules(ms: number, jitterMs: number): readonly FaultRule[] {
  return ms + jitterMs === 0 ? [] : [{ fault: 'latency', ms, jitterMs }];
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: a whole number, not '${text}'`);
  return Number(text);
}
