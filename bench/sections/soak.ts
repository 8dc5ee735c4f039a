import { judgeSoak, type SoakVerdict } from '../soak/judge';
import { SOAK_FAULTS, SOAK_SEED } from '../soak/soak';
import { startClient } from '../support/client-process';
import { startServer } from '../support/server';
import type { Plan } from './plan';

/** (e) Everything at once, judged by the server's own history. */
export async function soak(plan: Plan): Promise<SoakVerdict> {
  const { orders } = plan.soak;
  const seeded = ['--seed', String(SOAK_SEED), '--load', 'peak', '--orders', String(orders)];
  const server = await startServer(...seeded);
  for (const fault of SOAK_FAULTS) await server.addFault(fault);
  // Each reads what it begins with: only then is every change of an operator while it runs one that it has to report.
  const settings = { endpoint: { chaining: false } };
  const client = await startClient({ variant: 'node', url: server.url, settings });
  try {
    const reports = await client.soak(plan.soak);
    return await judgeSoak(reports, id => server.history(id));
  } finally {
    await client.close();
    await server.close();
  }
}
