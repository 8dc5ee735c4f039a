import { DONE_OUTCOMES, type UpdateResult } from '../../lib/outcome/outcome';
import type { StatusLine } from '../shared/status';

/** How far a run is, in the status: `312 of 500 · 4 conflicts · 2 not updated · 12 without lock`. */
export class Progress {
  private over = 0;
  private conflicts = 0;
  private others = 0;
  private unlocked = 0;

  /** @param count of records */
  constructor(
    private readonly status: StatusLine,
    private readonly count: number,
  ) {
    status.workingOn(this.text);
  }

  /** One record is over. */
  add({ outcome, unlocked }: Pick<UpdateResult, 'outcome' | 'unlocked'>): void {
    this.over++;
    if (unlocked === true) this.unlocked++;
    if (outcome === 'conflict') this.conflicts++;
    else if (!DONE_OUTCOMES.includes(outcome)) this.others++;
    this.status.workingOn(this.text);
  }

  end(): void {
    const isDone = this.conflicts + this.others === 0;
    if (isDone && this.unlocked > 0) this.status.waitingOn(this.text);
    else this.status.ended(this.text, isDone);
  }

  private readonly text = (): string => {
    const { status, over, count, conflicts, others, unlocked } = this;
    const parts = [status.translated('bulk-update.status.progress', { over, all: count })];
    if (conflicts > 0)
      parts.push(status.translated('bulk-update.status.conflicts', { count: conflicts }));
    if (others > 0) parts.push(status.translated('bulk-update.status.others', { count: others }));
    if (unlocked > 0)
      parts.push(status.translated('bulk-update.status.without-lock', { count: unlocked }));
    return parts.join(' · ');
  };
}
