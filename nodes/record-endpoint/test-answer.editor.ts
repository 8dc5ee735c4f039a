import type { Translate } from '../shared/checks';
import type { TextKey } from '../shared/text-key';

/** A line of an answer, as `probe.ts` has it: a text of the catalogue, or what engine and API say, with its code. */
export type TestLine =
  | { readonly text: TextKey; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly code: string; readonly message: string };

/** What the runtime says about a test. */
export interface TestAnswer {
  readonly ok?: boolean;
  readonly lines: readonly TestLine[];
  readonly batches?: 'unprotected';
  readonly writes?: 'unprotected';
  readonly found?: readonly Finding[];
}

type Verdict = 'checked' | 'ignored' | 'refused' | 'not-taken' | 'unproven';

/** Whether the API looks at the version of one kind of write, as `probe.ts` has it. */
interface Finding {
  readonly what: string;
  readonly verdict: Verdict;
}

/** Of which settings and which record an answer is; what was found elsewhere proves nothing there. */
export interface Tested {
  readonly of: string;
  /** After a proof: the methods that the flows use, to be told of in any case. */
  readonly used: ReadonlySet<string> | undefined;
}

/** What proofs have found, one after another. */
let known: { readonly of: string; readonly verdicts: Map<string, Verdict> } | undefined;

/** Shows an answer, and after a proof the table of all that were made of the same record. */
export function showTest(t: Translate, area: JQuery, answer: TestAnswer, tested: Tested): void {
  const { of, used } = tested;
  if (known?.of !== of) known = { of, verdicts: new Map() };
  for (const { what, verdict } of answer.found ?? []) known.verdicts.set(what, verdict);
  showAnswer(t, area, answer);
  if (used !== undefined) showFindings(t, area, known.verdicts, used);
}

const WAYS = ['PATCH', 'PUT', 'MERGE', 'ACTION', 'batch'];

/** A row for each way to write that was proven, or that the flows use. */
function showFindings(
  t: Translate,
  area: JQuery,
  verdicts: ReadonlyMap<string, Verdict>,
  used: ReadonlySet<string>,
): void {
  const rows = WAYS.filter(way => verdicts.has(way) || used.has(way)).map(way => {
    const name = way === 'ACTION' || way === 'batch' ? t(WAY_NAMES[way]) : way;
    const label = used.has(way) ? t('record-endpoint.answer.in-use', { way: name }) : name;
    const untried = way === 'ACTION' ? 'action' : 'untried';
    const verdict = t(`record-endpoint.verdict.${verdicts.get(way) ?? untried}`);
    return $('<tr>').append($('<th scope="row">').text(label), $('<td>').text(verdict));
  });
  const heads = ['record-endpoint.answer.way', 'record-endpoint.answer.version-is'] as const;
  const head = $('<tr>').append(heads.map(text => $('<th scope="col">').text(t(text))));
  $('<table>').append($('<thead>').append(head), $('<tbody>').append(rows)).appendTo(area);
  area.get(0)?.scrollIntoView({ block: 'nearest' });
}

const WAY_NAMES = {
  ACTION: 'record-endpoint.answer.way-action',
  batch: 'record-endpoint.answer.way-batch',
} as const;

/** Shows an answer, and scrolls as little as it takes to have all of it in view. */
function showAnswer(t: Translate, area: JQuery, { ok, lines }: TestAnswer): void {
  area.empty().toggleClass('record-updates-failed', ok === false);
  area.toggleClass('record-updates-passed', ok === true);
  for (const line of lines) $('<p>').text(inWords(t, line)).appendTo(area);
  area.get(0)?.scrollIntoView({ block: 'nearest' });
}

/** The engine speaks English. A catalogue of another language says the same by the code, as `engine.<CODE>`. */
function inWords(t: Translate, line: TestLine): string {
  if ('text' in line) return t(line.text, line.values);
  const { code, message } = line;
  return t(`engine.${kindOf(code)}`, { message, defaultValue: message });
}

/** Codes of the same meaning, of which TLS libraries have many. */
function kindOf(code: string): string {
  if (/CERT|^ERR_TLS_|^UNABLE_TO_VERIFY_|^HOSTNAME_MISMATCH$/.test(code)) return 'CERTIFICATE';
  return /^(?:EPROTO$|ERR_SSL_)/.test(code) ? 'EPROTO' : code;
}
