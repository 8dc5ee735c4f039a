import { expect, test } from 'vitest';
import { Intake } from '../../../../lib/update/bulk/intake';

/** Begins as many as there is room for; each ends when it is told to. */
async function begun(intake: Intake, count: number) {
  const ends: (() => void)[] = [];
  const holds: ((isHeld: boolean) => void)[] = [];
  const starts = Array.from({ length: count }, (_, n) => n).map(async () => {
    await intake.start(onHeld => {
      holds.push(onHeld);
      return new Promise(resolve => ends.push(resolve));
    });
  });
  await settled();
  return { ends, holds, starts };
}

const settled = () => new Promise(resolve => setImmediate(resolve));

test('so many are under way at a time, and the next begins as one ends', async () => {
  const intake = new Intake(3);
  const { ends } = await begun(intake, 3);
  const next = await begun(intake, 1);
  expect(next.ends).toHaveLength(0);
  ends[0]?.();
  await settled();
  expect(next.ends).toHaveLength(1);
});

test('one that waits for others at its record takes no room, and four times as many do', async () => {
  const intake = new Intake(2);
  let underWay = 0;
  for (let n = 0; n < 8; n++) {
    const { holds } = await begun(intake, 1);
    expect(holds, `number ${String(n)}`).toHaveLength(1);
    holds[0]?.(true);
    underWay++;
  }
  const { holds } = await begun(intake, 1);
  expect([underWay, holds.length]).toEqual([8, 0]);
});

test('it is over once nobody is under way', async () => {
  const intake = new Intake(2);
  const { ends } = await begun(intake, 2);
  let isOver = false;
  const over = intake.allOver().then(() => (isOver = true));
  ends[0]?.();
  await settled();
  expect(isOver).toBe(false);
  ends[1]?.();
  await over;
});
