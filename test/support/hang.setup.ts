import { beforeEach } from 'vitest';

/** After a test that ran into its limit: what Node.js itself was still waiting for. */
beforeEach(({ task }) => () => {
  const hung = task.result?.errors?.some(({ message }) => message.includes('timed out'));
  if (hung !== true) return;
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const open = [...counts].map(([kind, count]) => `${String(count)} ${kind}`).join(', ');
  console.log(`${task.name}: hung; this process still has ${open || 'nothing open'}`);
});
