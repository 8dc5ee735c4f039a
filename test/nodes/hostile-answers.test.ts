import { describe, expect, it } from 'vitest';
import { MAX_NESTING } from '../../lib/record/extent';
import { catcher, endpoint, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Script } from '../support/scripted-server';

useNodeRed();

const PORTS = [['out'], ['out']] as const;
const PLACE = { collection: 'orders' };
const CHANGE = { key: 'A1', payload: { status: 'Shipped' } };

/** Just over the bound. */
const DEEP = JSON.stringify({
  status: 'Shipped',
  error: JSON.parse('['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING)) as unknown,
});

async function flowAt(script: Script): Promise<Flow> {
  const server = await startScriptedServer(script);
  return Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: server.url }),
    fetchNode('fetch', PORTS, PLACE),
    updateNode('update', PORTS, PLACE),
    ...inboxes('out'),
    ...catcher(),
  ]);
}

describe('case U36: an answer that is nested deeper than any record', () => {
  it('is no record', async () => {
    const flow = await flowAt(() => ({ status: 200, headers: { etag: '"v1"' }, body: DEEP }));
    const out = await flow.pass('fetch', CHANGE);
    expect(out.msg.update).toMatchObject({ error: { code: 'BODY_UNREADABLE' } });
    expect(flow.completionsOf('fetch')).toHaveLength(1);
  });

  it.each([200, 500])(
    'leaves a write in doubt when it comes with a %i, until a read tells',
    async status => {
      let stored = 'Open';
      const flow = await flowAt(({ method }) => {
        const version = { etag: stored === 'Open' ? '"v1"' : '"v2"' };
        if (method === 'GET') return { status: 200, headers: version, body: { status: stored } };
        stored = 'Shipped';
        return { status, body: DEEP };
      });
      const out = await flow.pass('update', CHANGE);
      expect(out.msg.update).toMatchObject({ outcome: 'already-applied', verified: true });
    },
  );
});
