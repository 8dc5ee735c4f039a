import type { Translate } from '../shared/editor/translate';

/** A line of an answer, as `probe.ts` has it: a text of the catalogue, or what engine and API say, with its code. */
export type TestLine =
  | { readonly text: string; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly code: string; readonly message: string };

/** What the runtime says about a test. */
export interface TestAnswer {
  readonly ok?: boolean;
  readonly lines: readonly TestLine[];
}

/** Shows an answer, and scrolls as little as it takes to have all of it in view. */
export function showAnswer(t: Translate, area: JQuery, { ok, lines }: TestAnswer): void {
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
