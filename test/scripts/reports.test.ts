import { expect, it } from 'vitest';
import { Reports } from '../../scripts/lib/reports.mjs';

/** What comes after everything that was under way. */
const settled = (): Promise<void> => Promise.resolve();

it('keeps what came before anybody listened, in its order, for all who begin to listen together', async () => {
  const reports = new Reports<{ debug: number; log: string }>();
  reports.tell('debug', 1);
  reports.tell('log', 'a warning');
  reports.tell('debug', 2);
  const heard: unknown[] = [];
  reports.listen('debug', number => heard.push(`first ${String(number)}`));
  reports.listen('debug', number => heard.push(`second ${String(number)}`));
  reports.listen('log', text => heard.push(text));
  reports.tell('debug', 3);
  await settled();
  expect(heard).toEqual([
    ...['first 1', 'second 1', 'a warning', 'first 2', 'second 2'],
    ...['first 3', 'second 3'],
  ]);
});

it('tells at once what comes later, nothing twice, and nothing to those who have ended it', async () => {
  const reports = new Reports<{ debug: number }>();
  const heard: number[] = [];
  const end = reports.listen('debug', number => heard.push(number));
  await settled();
  reports.tell('debug', 1);
  expect(heard).toEqual([1]);
  end();
  reports.tell('debug', 2);
  reports.listen('debug', number => heard.push(number));
  await settled();
  expect(heard).toEqual([1]);
});

it('says so when more came than it keeps', () => {
  const reports = new Reports<{ debug: number }>(2);
  for (const number of [1, 2, 3]) reports.tell('debug', number);
  expect(() => reports.listen('debug', () => undefined)).toThrow('too early to be kept: 1');
});
