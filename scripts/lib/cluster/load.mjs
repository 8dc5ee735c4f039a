// A seeded load of updates, sent to several Node-RED in turn.

const IN_FLIGHT = 16;

/**
 * @typedef {object} Update
 * @property {number} n
 * @property {string} order
 * @property {number} at when it happened, milliseconds since the epoch
 * @property {Record<string, unknown>} changes
 */

/**
 * Updates that arrive a little out of order, as those of several sources do.
 * @param {readonly string[]} orders
 * @param {number} count
 * @returns {Update[]}
 */
export function updatesOf(orders, count) {
  const began = Date.now() - count;
  const updates = Array.from({ length: count }, (_, n) => ({
    n,
    order: orders[(n * 7) % orders.length] ?? '',
    at: began + n,
    changes: n % 3 === 0 ? { description: `update ${n}` } : { name: `update ${n}` },
  }));
  for (let n = 4; n < count; n += 5) {
    const [late] = updates.splice(n - 3, 1);
    if (late) updates.splice(n, 0, late);
  }
  return updates;
}

/**
 * Sends all of them, each to the next address; what is not accepted there goes to another one, as behind a load
 * balancer. Resolves to how many each address has accepted, and what was sent more than once: somebody may have stored it
 * and not come to say so.
 * @param {readonly Update[]} updates
 * @param {readonly string[]} addresses
 * @param {(sent: number) => void} onSent
 */
export async function send(updates, addresses, onSent) {
  const accepted = addresses.map(() => 0);
  /** @type {Set<Update>} */
  const repeated = new Set();
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < updates.length; n = next++) {
      const update = /** @type {Update} */ (updates[n]);
      const { by, tries } = await deliver(update, addresses, n);
      accepted[by] = (accepted[by] ?? 0) + 1;
      if (tries > 1) repeated.add(update);
      onSent(n);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return { accepted, repeated };
}

/** @param {Update} update @param {readonly string[]} addresses @param {number} first */
async function deliver(update, addresses, first) {
  for (let tries = 1; ; tries++) {
    const by = (first + tries) % addresses.length;
    if (await isAccepted(`${addresses[by]}/api/updates`, update)) return { by, tries };
    if (tries === 200) throw new Error(`nobody accepts update ${update.n}`);
    if (tries > addresses.length) await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** @param {string} url @param {Update} update */
async function isAccepted(url, update) {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(update),
    });
    await answer.arrayBuffer();
    return answer.status === 202;
  } catch {
    // Its process is gone.
    return false;
  }
}
