/** @typedef {import('./judge.mjs').Verdict} Verdict */

/** Least share of the events nothing stood against that must end without a person. */
const LEAST_WITHOUT_PERSON = 0.99;

/** Least share of all events that must be among those nothing stood against. */
const LEAST_ELIGIBLE = 0.9;

/** How many breaches are shown in words. */
const SHOWN = 5;

/** @param {Verdict} verdict */
export const passed = verdict => Object.keys(broken(verdict)).length === 0;

/** One line for people, and some more when something is wrong. @param {Verdict} verdict */
export function verdictLine(verdict) {
  const { outcomes, met, eligible, withoutPerson, setAside } = verdict;
  const share = `${(withoutPerson * 100).toFixed(1)} % of ${eligible} events without a person`;
  const facts = [
    share,
    `set aside: ${list(setAside)}`,
    `ended: ${list(outcomes)}`,
    `met: ${list(met)}`,
  ].join('; ');
  if (passed(verdict))
    return `ok      shift change: no event lost, doubled or misreported; ${facts}`;
  return [`FAILED  shift change: ${list(broken(verdict))}; ${facts}`, ...details(verdict)].join(
    '\n',
  );
}

/**
 * What speaks against the flow, and what the shift did not meet: without it nothing is proven.
 * @param {Verdict} verdict
 * @returns {Record<string, number>}
 */
const broken = ({ faults, withoutPerson, tried, eligible, met }) => ({
  ...Object.fromEntries(Object.entries(faults).filter(([, times]) => times > 0)),
  ...(withoutPerson < LEAST_WITHOUT_PERSON && { withoutPerson }),
  ...(eligible < tried * LEAST_ELIGIBLE && { eligible }),
  ...Object.fromEntries(Object.entries(met).filter(([, times]) => times === 0)),
});

/** @param {Verdict} verdict */
const details = ({ findings, undone }) => [
  ...findings
    .slice(0, SHOWN)
    .map(({ kind, workOrder, text }) => `        ${kind}  ${workOrder}  ${text}`),
  ...undone
    .slice(0, SHOWN)
    .map(({ end, workOrder, id, reason }) => `        ${end}  ${workOrder}  ${id}  ${reason}`),
];

/** @param {Readonly<Record<string, number>>} counts */
const list = counts =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
