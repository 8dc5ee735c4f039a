import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import type { Sandbox, SandboxOptions } from '../../sandbox';
import type { Encounter } from '../../sandbox/people/encounters';
import { call, order, start } from './client';

const ID = orderId(1);
const JOB: Encounter = {
  record: ID,
  by: 'background',
  field: 'taxstatus',
  values: ['Calculated', 'Exempt', 'Pending'],
  times: 1,
};
const COLLEAGUE: Encounter = {
  record: ID,
  by: 'operator',
  field: 'orderstatus',
  values: ['Cancelled', 'Processing', 'New'],
};

/** Writes on the version of the moment; the status. */
async function write(sandbox: Sandbox, changes: object, id = ID): Promise<number> {
  const etag = sandbox.orders.get(id)?.version ?? '';
  return (await call(sandbox, 'PATCH', order(id), { 'if-match': etag }, changes)).status;
}

/** What somebody else than the API did to the record. */
function met(sandbox: Sandbox): unknown[] {
  return sandbox.orders
    .history(ID)
    .filter(({ by }) => by === 'background' || by === 'operator')
    .map(({ by, fields }) => [by, fields]);
}

describe('an encounter', () => {
  it('is what the write of a record meets, as often as asked, whatever the seed', async () => {
    for (const seed of [1, 2, 3]) {
      const sandbox = await start({ seed, encounters: [JOB] });
      const statuses = [];
      for (const n of [1, 2, 3]) statuses.push(await write(sandbox, { description: String(n) }));
      expect(statuses).toEqual([412, 204, 204]);
      const taxstatus = { before: 'Pending', after: 'Calculated' };
      expect(met(sandbox)).toEqual([['background', { taxstatus }]]);
    }
  });

  it('takes the place of what the load would have brought', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 }, encounters: [JOB] });
    expect(await write(sandbox, { description: 'a' })).toBe(412);
    expect(met(sandbox)).toHaveLength(1);
    expect(await write(sandbox, { description: 'a' })).toBe(412);
    expect(met(sandbox)).toHaveLength(2);
  });

  it('of an operator sets what neither the record holds nor the write wants, every time', async () => {
    const sandbox = await start({ encounters: [COLLEAGUE] });
    let base = 'New';
    for (const ours of ['Shipped', 'Processing', 'Cancelled', 'New', 'Shipped']) {
      expect(await write(sandbox, { orderstatus: ours })).toBe(412);
      const theirs = sandbox.orders.get(ID)?.values.orderstatus;
      expect(new Set([base, ours, theirs]).size).toBe(3);
      base = String(theirs);
    }
  });

  it('of an operator is with writes of that field only, that of a job with all others', async () => {
    const sandbox = await start({ encounters: [JOB, COLLEAGUE] });
    expect(await write(sandbox, { taxstatus: 'Exempt' })).toBe(204);
    expect(await write(sandbox, { taxstatus: 'Pending', orderstatus: 'Shipped' })).toBe(412);
    expect(await write(sandbox, { description: 'a' })).toBe(412);
    expect(await write(sandbox, { description: 'a' })).toBe(204);
  });

  it('leaves every other record alone', async () => {
    const sandbox = await start({ encounters: [JOB, COLLEAGUE] });
    expect(await write(sandbox, { orderstatus: 'Shipped' }, orderId(2))).toBe(204);
    expect(sandbox.stats().changes).toMatchObject({ background: 0, operator: 0 });
  });

  it.each<[string, SandboxOptions]>([
    ["there is no record 'x'", { encounters: [{ ...JOB, record: 'x' }] }],
    [`record '${ID}' has no field 'tax'`, { encounters: [{ ...JOB, field: 'tax' }] }],
  ])('is refused where %s', async (problem, options) => {
    await expect(start(options)).rejects.toThrow(problem);
  });
});
