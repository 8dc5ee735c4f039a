import type { Verdict } from './judge';

/** Least share of the events nothing stood against that must end without a person. */
const LEAST_WITHOUT_PERSON = 0.99;

/** Least share of all events that must be among those nothing stood against. */
const LEAST_ELIGIBLE = 0.9;

/** How many breaches are shown in words. */
const SHOWN = 5;

export function passed(verdict: Verdict): boolean {
  return Object.keys(broken(verdict)).length === 0;
}

/** One line for people, and some more when something is wrong. */
export function verdictLine(verdict: Verdict): string {
  const { outcomes, met, eligible, withoutPerson, setAside } = verdict;
  const share = `${(withoutPerson * 100).toFixed(1)} % of ${eligible} events without a person`;
  const facts = [
    share,
    `set aside: ${list(setAside)}`,
    `ended: ${list(outcomes)}`,
    `met: ${list({ ...met })}`,
  ].join('; ');
  if (passed(verdict))
    return `ok      shift change: no event lost, doubled or misreported; ${facts}`;
  return [`FAILED  shift change: ${list(broken(verdict))}; ${facts}`, ...details(verdict)].join(
    '\n',
  );
}

/** What speaks against the flow, and what the shift did not meet: without it nothing is proven. */
function broken({
  faults,
  withoutPerson,
  tried,
  eligible,
  met,
}: Verdict): Readonly<Record<string, number>> {
  return {
    ...Object.fromEntries(Object.entries(faults).filter(([, times]) => times > 0)),
    ...(withoutPerson < LEAST_WITHOUT_PERSON && { withoutPerson }),
    ...(eligible < tried * LEAST_ELIGIBLE && { eligible }),
    ...Object.fromEntries(Object.entries({ ...met }).filter(([, times]) => times === 0)),
  };
}

function details({ findings, undone }: Verdict): readonly string[] {
  return [
    ...findings
      .slice(0, SHOWN)
      .map(({ kind, workOrder, text }) => `        ${kind}  ${workOrder}  ${text}`),
    ...undone
      .slice(0, SHOWN)
      .map(
        ({ end, workOrder, id, reason = '' }) => `        ${end}  ${workOrder}  ${id}  ${reason}`,
      ),
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
