import { expect, it } from 'vitest';
import { ExampleFlow, type DebugLine } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';

useNodeRed();

const sorted = (lines: readonly DebugLine[]): string[] =>
  lines.map(({ name = '', text }) => `${name} | ${text}`).sort();

it('updates row by row, shows what a person has to see, and counts all rows', async () => {
  const example = await ExampleFlow.start('territories/02 - From a CSV file');
  const others = [
    'failed | T999 not-found: HTTP 404: Assignment not found',
    'fault | T022: InputError: salesRepId has no value: msg.payload.rep is not in the message. Correct the table of Changes, or tick "may be missing".',
    "for review | T021 rejected: HTTP 400: Field 'region' takes one of EMEA, AMER, APJ.",
  ];
  await example.line(5);
  expect(sorted(example.lines.slice(0, 4))).toEqual(
    [
      ...others,
      'for review | T018 conflict in salesRepId: base EMP-106, ours EMP-102, theirs EMP-108',
    ].sort(),
  );
  expect(example.lines[4]?.name).toBe('summary');
  expect(JSON.parse(example.lines[4]?.text ?? '')).toEqual({
    ...{ updated: 4, conflict: 1, rejected: 1, 'not-found': 1, fault: 1 },
  });

  example.press('read the file');
  await example.line(10);
  expect(sorted(example.lines.slice(5, 9))).toEqual(
    [
      ...others,
      'for review | T018 conflict in salesRepId: base EMP-108, ours EMP-102, theirs EMP-109',
    ].sort(),
  );
  expect(JSON.parse(example.lines[9]?.text ?? '')).toEqual({
    ...{ unchanged: 4, conflict: 1, rejected: 1, 'not-found': 1, fault: 1 },
  });
});

it('says which row has no key, and keeps a key as it is written', async () => {
  const rows = ['territory,rep,region,quota', '007,EMP-104,EMEA,1', ',EMP-107,AMER,2', ''];
  const example = await ExampleFlow.start('territories/02 - From a CSV file', node =>
    node.type === 'template' ? { ...node, template: rows.join('\r\n') } : node,
  );
  await example.line(3);
  expect(sorted(example.lines)).toEqual([
    'failed | 007 not-found: HTTP 404: Assignment not found',
    expect.stringMatching(/^fault \| row 2: InputError: .*key/),
    expect.stringMatching(/^summary/),
  ]);
  expect(JSON.parse(example.lines[2]?.text ?? '')).toEqual({ 'not-found': 1, fault: 1 });
});
