import { expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startScriptedServer } from '../../support/scripted-server';

const changes = { 'Shifts@odata.type': 'Collection(Edm.String)', Shifts: ['A', 'B'], note: 'n1' };

/** A list item whose service cannot tell the type of a multi-choice by itself. */
async function startList() {
  let shifts: unknown = ['A'];
  let n = 1;
  return startScriptedServer(({ method, url, body }) => {
    const headers = { etag: `W/"${String(n)}"` };
    if (method === 'GET') return { status: 200, headers, body: { Shifts: shifts, note: 'n1' } };
    const sent = JSON.parse(body) as Record<string, unknown>;
    if (url.includes('?')) {
      return {
        status: 400,
        body: { error: { message: 'The system query option $select is not allowed for PATCH' } },
      };
    }
    if (sent['Shifts@odata.type'] === undefined) return { status: 400, body: 'Invalid request' };
    shifts = sent.Shifts;
    n += 1;
    return { status: 200, headers: { etag: `W/"${String(n)}"` }, body: { Shifts: shifts } };
  });
}

test.each([
  ['odata', {}],
  ['rest', { rest: { keyStyle: 'odata' } }],
] as const)(
  'case 5: the type of a field goes with it, and is no field to compare (%s)',
  async (family, more) => {
    const server = await startList();
    const engine = new Engine(server.url, { family, ...more });
    const { result } = await engine.update({ changes });
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toMatchObject({
      'Shifts@odata.type': 'Collection(Edm.String)',
      Shifts: ['A', 'B'],
    });
    const again = await engine.update({ changes });
    expect(again.result.outcome).toBe('unchanged');
  },
);

test('case 4: the general OData family writes without a system query option', async () => {
  const server = await startList();
  const { result } = await new Engine(server.url, { family: 'odata' }).update({ changes });
  expect(result.outcome).toBe('updated');
  expect(server.requests.map(({ url }) => url.includes('?'))).toEqual([true, false]);
});

test('case 5: a type alone is no change', async () => {
  const server = await startList();
  const engine = new Engine(server.url, { family: 'odata' });
  expect(() => engine.update({ changes: { '@odata.type': '#S.Item' } })).toThrow(
    expect.objectContaining({ code: 'CHANGES_INVALID' }),
  );
});

test('case 5: the type of a computed change is refused by its name', async () => {
  const server = await startList();
  const engine = new Engine(server.url, { family: 'odata' });
  const computation = { fields: undefined, hash: 'h', of: () => Promise.resolve(changes) };
  await expect(engine.update({ computation })).rejects.toMatchObject({
    code: 'CHANGES_INVALID',
    message: expect.stringContaining('"Shifts@odata.type"') as string,
  });
});
