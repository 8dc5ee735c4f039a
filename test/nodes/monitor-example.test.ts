import { expect, it } from 'vitest';
import { ExampleFlow } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(10);

it('raises an alert, and names whom the updates met', async () => {
  const example = await ExampleFlow.start('monitoring/01 - Rates and alerts');
  const textOf = (name: string): Promise<string> =>
    example.flow.until(() => example.lines.find(line => line.name === name)?.text, name);
  expect(await textOf('alert')).toMatch(
    /^Territories \(practice\): [\d.]+ % of \d+ in the last 5 min updates met a conflict, which is more than 5 %\.$/,
  );
  const { flow } = example;
  const update = example.idOf('conditional-update', 'conditional-update');
  await flow.until(() => flow.completionsOf(update).length === 60 || undefined, 'all updates');
  const seen = example.lines.length;
  example.press('how many?');
  const summary = await flow.until(
    () => example.lines.slice(seen).find(line => line.name === 'summary')?.text,
    'the summary',
  );
  expect(summary).toMatch(/: 60 updates, [\d.]+ % met a conflict/);
  expect(summary).toContain('a colleague');
  expect(summary).toMatch(/\d+ × (?:accountCount|syncStatus|coverageScore) job/);
});
