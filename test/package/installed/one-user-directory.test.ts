import { expect, it, onTestFinished } from 'vitest';
import { startNodeRed } from '../../../scripts/lib/node-red.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { answerTo, EVENT_FLOWS } from '../../support/events-by-http';
import { makeUserDir } from '../../support/node-red';

const answer = (nodeRed: NodeRed, id: string): Promise<string> =>
  answerTo(`${nodeRed.url}/api`, id);

/** Asks again as soon as there is an answer: how long the change of hands takes is nobody's business. */
async function answerInTheEnd(nodeRed: NodeRed, id: string): Promise<string> {
  for (;;) {
    const text = await answer(nodeRed, id);
    if (!text.startsWith('STORE_IN_USE')) return text;
  }
}

it('case U44: two Node-RED with one user directory: the second lets nothing through until the first is gone', async () => {
  const { userDir, remove } = makeUserDir();
  onTestFinished(remove);
  const start = async (): Promise<NodeRed> => {
    const nodeRed = await startNodeRed({ userDir, flows: EVENT_FLOWS });
    onTestFinished(() => nodeRed.kill());
    return nodeRed;
  };
  const first = await start();
  expect(await answer(first, 'E-1')).toBe('first');
  const second = await start();
  expect(await answer(second, 'E-1')).toMatch(/^STORE_IN_USE: .* is in use by another Node-RED/);
  expect(await answer(first, 'E-2')).toBe('first');
  await first.kill();
  expect(await answerInTheEnd(second, 'E-1')).toBe('duplicate');
  expect(await answer(second, 'E-2')).toBe('duplicate');
  expect(await answer(second, 'E-3')).toBe('first');

  const third = await start();
  expect(await answer(third, 'E-4')).toMatch(/^STORE_IN_USE/);
  await second.close();
  expect(await answerInTheEnd(third, 'E-3')).toBe('duplicate');
  const told = third.logs.filter(({ message }) => message.includes('is in use'));
  expect(told).toHaveLength(1);
});
