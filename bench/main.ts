// The benchmark: every ratio is measured side by side in one run. `npm run bench -- --help`
import { parseArgs } from 'node:util';
import { measureDedupe } from './sections/dedupe';
import { measureFlow } from './sections/flow';
import { measureGuard } from './sections/guard';
import { measureHotRecord } from './sections/hot-record';
import { measureMemory } from './sections/memory';
import { measureNoise } from './sections/noise';
import { FULL, QUICK, type Plan } from './sections/plan';
import { tables, type Results } from './sections/results';
import { measureShiftChange } from './sections/shift-change';
import { soak } from './sections/soak';

const SECTIONS: Readonly<Record<keyof Results, (plan: Plan) => Promise<Results>>> = {
  flow: async plan => ({ flow: await measureFlow(plan) }),
  hotRecord: async plan => ({ hotRecord: await measureHotRecord(plan) }),
  noise: async plan => ({ noise: await measureNoise(plan) }),
  memory: async plan => ({ memory: await measureMemory(plan) }),
  soak: async plan => ({ soak: await soak(plan) }),
  dedupe: async plan => ({ dedupe: await measureDedupe(plan) }),
  guard: plan => Promise.resolve({ guard: measureGuard(plan) }),
  shiftChange: async plan => ({ shiftChange: await measureShiftChange(plan) }),
};

const HELP = `npm run bench -- [--json] [--quick] [--only SECTION]
  --json   one JSON object on the last line
  --quick  tiny rounds, to see that it runs; the figures mean nothing
  --only   one of ${Object.keys(SECTIONS).join(', ')}; may be repeated`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: Object.keys(SECTIONS) },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const results = await run(values.only, values.quick ? QUICK : FULL);
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
  process.exitCode = 1;
});
