/** What the runtime says about a test: sentences, already in words. */
export interface TestAnswer {
  readonly ok?: boolean;
  readonly lines: readonly string[];
}

export function showLines(area: JQuery, answer: TestAnswer): void {
  area.empty().toggleClass('record-updates-failed', answer.ok === false);
  area.toggleClass('record-updates-passed', answer.ok === true);
  for (const line of answer.lines) $('<p>').text(line).appendTo(area);
}

export function showError(area: JQuery, sentence: string): void {
  showLines(area, { ok: false, lines: [sentence] });
}
