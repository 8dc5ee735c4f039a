// What README and docs show of the first flow is what one sees.
import { beforeEach, describe, expect, it } from 'vitest';
import { ExampleFlow } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';
import { blocksOf, pageText } from '../support/pages';

const EXAMPLE = 'orders/01 - Update an order status';

useNodeRed();

let example: ExampleFlow;
beforeEach(async () => {
  example = await ExampleFlow.start(EXAMPLE);
});

describe('README.md', () => {
  const readme = pageText('README.md');

  it('names the example as the Import menu does', () => {
    const [folder = '', entry = ''] = EXAMPLE.split('/');
    expect(readme).toContain(`\`${folder}\`, **${entry}**`);
  });

  it('shows the lines of the debug sidebar, one button after the other', async () => {
    const seen = [await example.line(1)];
    for (const button of ['ship order SO-2025-0145', 'ship order SO-2025-0150']) {
      expect(readme).toContain(`**${button}**`);
      example.press(button);
      seen.push(await example.line(seen.length + 1));
    }
    const shown = blocksOf('README.md', 'text').map(block => block.trim());
    expect(shown).toEqual(seen.map(({ text }) => text));
  });
});

describe('docs/outcomes.md', () => {
  it('shows the result of the first message', async () => {
    const [sample = ''] = blocksOf('docs/outcomes.md', 'json');
    const update = await example.update('updated', 1);
    expect(steady(JSON.parse(sample))).toEqual(steady(update));
  });
});

/** A result without what differs from run to run: times, and the numbers in versions. */
function steady(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result), (name, value: unknown) => {
    if (['when', 'durationMs', 'waitedMs'].includes(name)) return typeof value;
    if (typeof value !== 'string' || !name.startsWith('version')) return value;
    return value.replaceAll(/\d+/g, 'n');
  });
}
