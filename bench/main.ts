// The benchmark: every ratio is measured side by side in one run. `npm run bench -- --help`
import { parseArgs } from 'node:util';
import { FULL, QUICK, type Plan } from './sections/plan';
import { tables, type Results } from './sections/results';
import { otherBuild } from './support/build';

/** Each is loaded when it is measured: some need much that the others do not. */
const SECTIONS: Readonly<Record<keyof Results, (plan: Plan) => Promise<Results>>> = {
  flow: async plan => ({ flow: await (await import('./sections/flow')).measureFlow(plan) }),
  hotRecord: async plan => ({
    hotRecord: await (await import('./sections/hot-record')).measureHotRecord(plan),
  }),
  noise: async plan => ({ noise: await (await import('./sections/noise')).measureNoise(plan) }),
  memory: async plan => ({ memory: await (await import('./sections/memory')).measureMemory(plan) }),
  idle: async plan => ({ idle: await (await import('./sections/idle')).measureIdle(plan) }),
  soak: async plan => ({ soak: await (await import('./sections/soak')).soak(plan) }),
  dedupe: async plan => ({ dedupe: await (await import('./sections/dedupe')).measureDedupe(plan) }),
  guard: async plan => ({ guard: (await import('./sections/guard')).measureGuard(plan) }),
  burst: async plan => ({ burst: await (await import('./sections/burst')).measureBurst(plan) }),
  bulk: async plan => ({ bulk: await (await import('./sections/bulk')).measureBulk(plan) }),
  coordination: async plan => {
    const { measureCoordination } = await import('./sections/coordination');
    const coordination = await measureCoordination(plan);
    return coordination === undefined ? {} : { coordination };
  },
  review: async plan => {
    const { measureReview } = await import('./sections/review');
    const { measureReviewList, measureReviewOnRedis } = await import('./sections/review-list');
    const { measureReviewSidebar } = await import('./sections/review-sidebar');
    const list = { ...(await measureReview(plan)), ...(await measureReviewList(plan)) };
    const redis = await measureReviewOnRedis(plan);
    const sidebar = await measureReviewSidebar(plan);
    return { review: { ...list, ...(redis && { redis }), ...(sidebar && { sidebar }) } };
  },
  pickers: async plan => {
    const { measurePickers } = await import('./sections/pickers');
    const pickers = await measurePickers(plan);
    return pickers === undefined ? {} : { pickers };
  },
  rest: async plan => ({ rest: await (await import('./sections/rest')).measureRest(plan) }),
  startup: async plan => ({
    startup: await (await import('./sections/start-up')).measureStart(plan),
  }),
  shiftChange: async plan => ({
    shiftChange: await (await import('./sections/shift-change')).measureShiftChange(plan),
  }),
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
