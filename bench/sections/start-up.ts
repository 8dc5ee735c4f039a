import { releasedBuild } from '../../scripts/lib/earlier-build.mjs';
import { measureStartUp, type StartUp } from '../../scripts/lib/start-up.mjs';
import { ROOT } from '../support/paths';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** What the nodes add to the start of Node-RED, beside the build of 0.1.0-rc.1. */
export interface StartUpFigures {
  /** Time to load all nodes, to that of 0.1.0-rc.1: the median of pairs of new processes. */
  readonly requireRatioToFirst: number;
  readonly ms: { readonly now: number; readonly first: number };
  readonly modules: { readonly now: number; readonly first: number };
  readonly kilobytes: { readonly now: number; readonly first: number };
}

export async function measureStart(plan: Plan): Promise<StartUpFigures> {
  const first = plan.first ?? (await releasedBuild());
  const pairs: { readonly now: StartUp; readonly first: StartUp }[] = [];
  // The first pair is for the caches of the file system.
  for (let n = 0; n <= plan.starts; n += 1) {
    const pair = n % 2 === 0 ? await measurePair(ROOT, first) : await measureReversed(ROOT, first);
    if (n > 0) pairs.push(pair);
  }
  const both = (figure: (start: StartUp) => number, digits = 0) => ({
    now: rounded(median(pairs.map(pair => figure(pair.now))), digits),
    first: rounded(median(pairs.map(pair => figure(pair.first))), digits),
  });
  return {
    requireRatioToFirst: rounded(
      pairedRatio(
        pairs.map(pair => pair.now.ms),
        pairs.map(pair => pair.first.ms),
      ),
    ),
    ms: both(start => start.ms, 1),
    modules: both(start => start.modules),
    kilobytes: both(start => start.bytes / 1000),
  };
}

async function measurePair(now: string, first: string) {
  const ours = await measureStartUp(now);
  return { now: ours, first: await measureStartUp(first) };
}

/** Who is measured first has an advantage, or the opposite. */
async function measureReversed(now: string, first: string) {
  const theirs = await measureStartUp(first);
  return { now: await measureStartUp(now), first: theirs };
}
