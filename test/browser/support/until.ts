import { vi } from 'vitest';
import { PATIENCE_MS } from '../../../scripts/lib/patience.mjs';

/**
 * Asks until there is an answer, and gives back that very one: asked once more, the page may say something else by then.
 * @param ask tells nothing (undefined, null, an empty text) as long as it has to be asked again
 */
export async function until<Answer>(ask: () => Promise<Answer>): Promise<NonNullable<Answer>> {
  return vi.waitUntil(ask, { timeout: PATIENCE_MS, interval: 20 }) as Promise<NonNullable<Answer>>;
}
