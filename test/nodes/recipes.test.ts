// Endpoints as the dialog stores them when a recipe is chosen, in a flow.
import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type { ProbeReport } from '../../nodes/record-endpoint/probe';
import { CHECKED, UNCHECKED } from '../support/played/apis';
import { startPlayed, type PlayedApi } from '../support/played/played-api';
import { recipeConfig } from '../support/played/recipe-engine';
import { catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

async function deploy(api: PlayedApi, force = false) {
  const server = await startPlayed(api);
  const { method, collection } = api;
  const flow = await Flow.start([
    endpoint(recipeConfig(api.recipe, server.url)),
    updateNode('update', [['out'], ['out']], { collection, method, force }),
    ...inboxes('out'),
    ...catcher(),
  ]);
  const pass = async () => {
    const { msg } = await flow.pass('update', { key: api.key, payload: api.changes });
    return msg.update;
  };
  return { ...server, pass };
}

/** What Prove it says of the API, tried with a field of the update. */
async function proven(api: PlayedApi) {
  const server = await startPlayed(api);
  await Flow.start([endpoint()]);
  const { method, collection, key } = api;
  const field = Object.keys(api.changes).find(name => !name.includes('@'));
  const config = recipeConfig(api.recipe, server.url);
  const answer = await helper
    .request()
    .post('/record-updates/endpoint/endpoint/prove')
    .send({ config, credentials: {}, collection, key, field, method });
  return { ...server, body: answer.body as Pick<ProbeReport, 'ok' | 'found'> };
}

const named = (apis: readonly PlayedApi[]) =>
  apis.map(api => [api.name ?? api.recipe, api] as const);

describe.each(named(CHECKED))('a flow at %s', (_name, api) => {
  it('updates, through somebody else who writes another field', async () => {
    const { pass, beforeNextWrite, writes } = await deploy(api);
    beforeNextWrite(api.noise);
    expect((await pass())?.outcome).toBe('updated');
    expect(writes().length).toBeGreaterThan(0);
  });

  it('is proven to check versions, and holds afterwards what it held', async () => {
    const { body, record } = await proven(api);
    expect(body).toMatchObject({ ok: true, found: [{ what: api.method, verdict: 'checked' }] });
    expect(record.values).toEqual(api.values);
  });
});

describe.each(named(UNCHECKED))('a flow at %s', (_name, api) => {
  it('is refused by name before anything is sent', async () => {
    const { pass, requests } = await deploy(api);
    expect(await pass()).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'VERSION_UNCHECKED' },
    });
    expect(requests).toHaveLength(0);
  });

  it('proves nothing, and nothing is written for it', async () => {
    const { body, writes } = await proven(api);
    expect(body).toMatchObject({ error: { code: 'VERSION_UNCHECKED' } });
    expect(writes()).toHaveLength(0);
  });

  it('updates when it is forced', async () => {
    const { pass } = await deploy(api, true);
    expect((await pass())?.outcome).toBe('updated');
  });
});
