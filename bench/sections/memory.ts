import { startClient } from '../support/client-process';
import { startServer } from '../support/server';
import { rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (d) Memory of a Node-RED that does nothing but update records. */
export interface MemoryFigures {
  /** From the first look to the second. */
  readonly growthPercent: number;
  readonly heapMegabytes: { readonly before: number; readonly after: number };
}

const MEGABYTE = 1024 * 1024;

export async function measureMemory({ memory }: Plan): Promise<MemoryFigures> {
  const server = await startServer('--no-history', '--orders', '500');
  const client = await startClient({ variant: 'node', url: server.url });
  try {
    const { before, after } = await client.growth({ ...memory, inFlight: 64, records: 500 });
    return {
      growthPercent: rounded((after / before - 1) * 100, 2),
      heapMegabytes: {
        before: rounded(before / MEGABYTE, 2),
        after: rounded(after / MEGABYTE, 2),
      },
    };
  } finally {
    await client.close();
    await server.close();
  }
}
