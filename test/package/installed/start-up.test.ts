// What the nodes add to the start of Node-RED. Time is measured by the benchmark; what has to be loaded tells beforehand.
import path from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { measureStartUp, type StartUp } from '../../../scripts/lib/start-up.mjs';

/** What 0.1.0-rc.1 loaded for nine nodes. */
const FIRST = { modules: 482, bytes: 2_436_416 };

const packageDir = inject('packageDir');

describe('loading all nodes', () => {
  let start: StartUp;

  beforeAll(async () => {
    start = await measureStartUp(packageDir);
  });

  it('takes six tenths of the bytes that 0.1.0-rc.1 took, and three quarters of the files', () => {
    expect(start.bytes).toBeLessThanOrEqual(0.6 * FIRST.bytes);
    expect(start.modules).toBeLessThanOrEqual(0.75 * FIRST.modules);
  });

  it.each(['axios', 'undici', 'ioredis', 'prom-client', '@opentelemetry/api'])(
    'leaves %s to whoever needs it',
    name => {
      const folder = `${path.sep}${path.join('node_modules', name)}${path.sep}`;
      expect(start.loaded.filter(file => file.includes(folder))).toEqual([]);
    },
  );

  it('leaves what is in Redis to stores that are there', () => {
    const scripts = path.join(packageDir, 'dist/lib/coordination/redis/queue-scripts.js');
    expect(start.loaded).not.toContain(scripts);
  });

  it('leaves the Practice API to endpoints that practise', () => {
    const sandbox = path.join(packageDir, 'dist/sandbox');
    expect(start.loaded.length).toBeGreaterThan(13);
    expect(start.loaded.filter(file => file.startsWith(sandbox))).toEqual([]);
  });
});
