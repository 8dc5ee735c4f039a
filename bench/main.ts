// The benchmark: every ratio is measured side by side in one run. `npm run bench -- --help`
import { parseArgs } from 'node:util';
import { measureBulk } from './sections/bulk';
import { measureBurst } from './sections/burst';
import { measureCoordination } from './sections/coordination';
import { measureDedupe } from './sections/dedupe';
import { measureFlow } from './sections/flow';
import { measureGuard } from './sections/guard';
import { measureHotRecord } from './sections/hot-record';
import { measureIdle } from './sections/idle';
import { measureMemory } from './sections/memory';
import { measureNoise } from './sections/noise';
import { FULL, QUICK, type Plan } from './sections/plan';
import { tables, type Results } from './sections/results';
import { measurePickers } from './sections/pickers';
import { measureReview } from './sections/review';
import { measureReviewList, measureReviewOnRedis } from './sections/review-list';
import { measureReviewSidebar } from './sections/review-sidebar';
import { measureRest } from './sections/rest';
import { measureShiftChange } from './sections/shift-change';
import { soak } from './sections/soak';
import { measureStart } from './sections/start-up';
import { otherBuild } from './support/build';

const SECTIONS: Readonly<Record<keyof Results, (plan: Plan) => Promise<Results>>> = {
  flow: async plan => ({ flow: await measureFlow(plan) }),
  hotRecord: async plan => ({ hotRecord: await measureHotRecord(plan) }),
  noise: async plan => ({ noise: await measureNoise(plan) }),
  memory: async plan => ({ memory: await measureMemory(plan) }),
  idle: async plan => ({ idle: await measureIdle(plan) }),
  soak: async plan => ({ soak: await soak(plan) }),
  dedupe: async plan => ({ dedupe: await measureDedupe(plan) }),
  guard: plan => Promise.resolve({ guard: measureGuard(plan) }),
  burst: async plan => ({ burst: await measureBurst(plan) }),
  bulk: async plan => ({ bulk: await measureBulk(plan) }),
  coordination: async plan => {
    const coordination = await measureCoordination(plan);
    return coordination === undefined ? {} : { coordination };
  },
  review: async plan => {
    const list = { ...(await measureReview(plan)), ...(await measureReviewList(plan)) };
    const redis = await measureReviewOnRedis(plan);
    const sidebar = await measureReviewSidebar(plan);
    return { review: { ...list, ...(redis && { redis }), ...(sidebar && { sidebar }) } };
  },
  pickers: async plan => {
    const pickers = await measurePickers(plan);
    return pickers === undefined ? {} : { pickers };
  },
  rest: async plan => ({ rest: await measureRest(plan) }),
  startup: async plan => ({ startup: await measureStart(plan) }),
  shiftChange: async plan => ({ shiftChange: await measureShiftChange(plan) }),
};

const HELP = `npm run bench -- [--json] [--quick] [--only SECTION] [--base DIR] [--first DIR]
  --json   one JSON object on the last line
  --quick  tiny rounds, to see that it runs; the figures mean nothing
  --only   one of ${Object.keys(SECTIONS).join(', ')}; may be repeated
  --base   a checkout of this package with node_modules and dist, for example a git worktree of an earlier commit:
           the sections flow and burst measure that build, too
  --first  a checkout that stands for 0.1.0-rc.1 in the section startup; otherwise that one is built from the history`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      base: { type: 'string' },
      first: { type: 'string' },
      only: { type: 'string', multiple: true, default: Object.keys(SECTIONS) },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const plan = values.quick ? QUICK : FULL;
  const base = values.base === undefined ? {} : { base: otherBuild('--base', values.base) };
  const first = values.first === undefined ? {} : { first: otherBuild('--first', values.first) };
  const results = await run(values.only, { ...plan, ...base, ...first });
  console.log(values.json ? JSON.stringify(results) : tables(results));
}

async function run(names: readonly string[], plan: Plan): Promise<Results> {
  let results: Results = {};
  for (const name of names) {
    if (!isSection(name)) throw new Error(`There is no section ${name}.\n${HELP}`);
    const startedAt = performance.now();
    results = { ...results, ...(await SECTIONS[name](plan)) };
    console.error(`${name}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  return results;
}

function isSection(name: string): name is keyof Results {
  return Object.hasOwn(SECTIONS, name);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // At once: the clients and servers of the section that failed are still there, and end with this process.
  process.exit(1);
});
