// A client process of the benchmark: one way of updating records, driven by messages of its parent.
import type { ListDriver } from './drivers/bulk-update';
import type { Driver } from './drivers/driver';
import { runSoak } from './soak/soak';
import type { Command, Opening, Reply } from './support/client-process';
import { measureGrowth } from './support/heap';
import { listHeap, runLists, runSingles } from './support/lists';
import { burst, count, measure } from './support/work';

const report = (reply: Reply): void => void process.send?.(reply);

type AnyDriver = Driver | ListDriver;

/** Loads no more than its way needs. */
async function open({ variant, url, settings, build }: Opening): Promise<AnyDriver> {
  switch (variant) {
    case 'node':
    case 'base':
      return (await import('./drivers/conditional-update')).openConditionalUpdate(
        url,
        settings,
        build,
      );
    case 'core':
      return (await import('./drivers/core-nodes')).openCoreNodes(url);
    case 'undici':
      return (await import('./drivers/undici-pool')).openUndiciPool(url);
    case 'dedupe':
      return (await import('./drivers/event-dedupe')).openEventDedupe();
    case 'queue':
      return (await import('./drivers/queued-update')).openQueuedUpdate(url, settings);
    case 'bulk':
      return (await import('./drivers/bulk-update')).openBulkUpdate(url, settings);
  }
}

function execute(driver: AnyDriver, command: Command): Promise<unknown> {
  if (command.name === 'close') return driver.close();
  return 'run' in driver ? executeSingle(driver, command) : executeList(driver, command);
}

function executeList(driver: ListDriver, command: Command): Promise<unknown> {
  switch (command.name) {
    case 'lists':
      return runLists(driver, command.plan);
    case 'listHeap':
      return listHeap(driver, command.plan);
    default:
      throw new Error(`a client of lists knows no ${command.name}`);
  }
}

function executeSingle(driver: Driver, command: Command): Promise<unknown> {
  switch (command.name) {
    case 'measure':
      return measure(driver, command.plan);
    case 'count':
      return count(driver, command.plan);
    case 'burst':
      return burst(driver, command.plan);
    case 'growth':
      return measureGrowth(driver, command.plan);
    case 'soak':
      return runSoak(job => driver.run(job), command.plan);
    case 'singles':
      return runSingles(driver, command.plan);
    default:
      throw new Error(`a client of single updates knows no ${command.name}`);
  }
}

const failureOf = (error: unknown): Reply => ({
  failure: error instanceof Error ? error.message : String(error),
});

/** Reports the result, or the failure in words. */
function answer(work: Promise<unknown>): Promise<void> {
  return work.then(
    result => report({ result }),
    (error: unknown) => report(failureOf(error)),
  );
}

async function main(): Promise<void> {
  const driver = await open(JSON.parse(process.argv[2] ?? '{}') as Opening);
  process.on('message', message => {
    const command = message as Command;
    void answer(execute(driver, command)).then(() => {
      if (command.name === 'close') process.exit(0);
    });
  });
  report({ result: 'ready' });
}

process.once('disconnect', () => process.exit(1));
main().catch((error: unknown) => report(failureOf(error)));
