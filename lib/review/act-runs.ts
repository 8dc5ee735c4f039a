import { InputError } from '../errors';
import type { WriteFate } from '../outcome/outcome';
import type { Time } from '../retry/time';
import { afterRun, claimed, noted, orderOf, actRefusal, refuse, released } from './acts';
import type { DeadLetter, ReviewClaim, StoredDeadLetter } from './dead-letter';
import type { ActResult, RefusedAct, ReviewAct } from './desk';
import type { Letters } from './letters';
import type { PreparedReview, ReviewRunner, RunOrder, RunReport, Unprepared } from './runner';

/** A claim outlives the longest run by this. Milliseconds. */
const CLAIM_MARGIN_MS = 30_000;

interface Parts {
  readonly runner: ReviewRunner;
  readonly time: Pick<Time, 'now'>;
  readonly newToken: () => string;
}

/** Acts that do an update once more: each is claimed first, and the fate of its writes is stored before they leave. */
export class ActRuns {
  constructor(
    private readonly letters: Letters,
    private readonly options: Parts,
  ) {}

  async run(act: ReviewAct, { entry, revision }: StoredDeadLetter): Promise<ActResult> {
    const prepared = await this.prepare(act, { entry, revision });
    if (prepared.kind === 'refused') return prepared;
    const claim = await this.claim(act, revision, prepared);
    if (claim.kind === 'refused') return claim;
    const { token } = claim.claim;
    const order = orderOf(claim.entry, await this.decided(act, claim.entry, prepared));
    let report: RunReport;
    try {
      report = await prepared.run(order, fate =>
        this.note(act.id, claim.claim, fate, order, prepared),
      );
    } catch (error) {
      const free = await this.letters.change(
        act.id,
        stored => stored && released(stored.entry, token),
      );
      if (error instanceof InputError) return refuse(error.code, error.message, free);
      throw error;
    }
    return this.finish(act, token, { order, report, prepared });
  }

  /** A transition is decided on a state: where nobody has looked, on the one that the record is in now. */
  private async decided(
    act: ReviewAct,
    { evidence }: DeadLetter,
    prepared: PreparedReview,
  ): Promise<ReviewAct> {
    const isKnown = act.shown !== undefined || evidence.transition === undefined;
    if (act.action === 'replay' || isKnown) return act;
    const seen = await prepared.read();
    return seen.kind === 'seen' ? { ...act, shown: seen.snapshot } : act;
  }

  async prepare(
    { baseUrl }: Pick<ReviewAct, 'baseUrl'>,
    stored: StoredDeadLetter,
  ): Promise<PreparedReview | RefusedAct> {
    try {
      const prepared = await this.options.runner.prepare(stored.entry, baseUrl);
      return prepared.kind === 'prepared' ? prepared : unprepared(prepared, stored);
    } catch (error) {
      if (error instanceof InputError) return refuse(error.code, error.message, stored);
      throw error;
    }
  }

  /** One of those who decide at the same moment gets it; the others are told. */
  private async claim(
    act: ReviewAct,
    revision: number,
    { longestMs }: PreparedReview,
  ): Promise<
    | RefusedAct
    | { readonly kind: 'claimed'; readonly claim: ReviewClaim; readonly entry: DeadLetter }
  > {
    const { newToken, time } = this.options;
    const token = newToken();
    let refusal: RefusedAct | undefined;
    const changed = await this.letters.change(act.id, (stored, now) => {
      refusal = actRefusal({ ...act, revision }, stored, now);
      if (refusal !== undefined || stored === undefined) return undefined;
      const until = now + longestMs + CLAIM_MARGIN_MS;
      const { action, by } = act;
      return claimed(stored.entry, { token, by, action, since: time.now(), until });
    });
    const claim = changed?.entry.claim;
    if (changed !== undefined && claim !== undefined) {
      return { kind: 'claimed', claim, entry: changed.entry };
    }
    return refusal ?? refuse('ENTRY_GONE', 'There is no such dead letter any more.', undefined);
  }

  private async note(
    id: string,
    { token }: ReviewClaim,
    fate: WriteFate,
    order: RunOrder,
    { longestMs }: PreparedReview,
  ): Promise<boolean> {
    const changed = await this.letters.change(id, (stored, now) => {
      if (stored === undefined || (stored.entry.claim?.until ?? 0) <= now) return undefined;
      const until = now + longestMs + CLAIM_MARGIN_MS;
      return noted(stored.entry, { token, until }, fate, order);
    });
    return changed !== undefined;
  }

  private async finish(
    act: ReviewAct,
    token: string,
    { order, report, prepared }: { order: RunOrder; report: RunReport; prepared: PreparedReview },
  ): Promise<ActResult> {
    const at = this.options.time.now();
    const { update } = report;
    const { rules } = prepared;
    const changed = await this.letters.change(act.id, stored =>
      stored?.entry.claim?.token === token
        ? afterRun(stored.entry, { act, order, report, rules, at })
        : undefined,
    );
    if (changed === undefined) {
      const now = (await this.letters.get(act.id)).stored;
      const message = `The run ended as "${update.outcome}", but took longer than its claim: look at the dead letter as it is now.`;
      return refuse('ENTRY_CHANGED', message, now);
    }
    const kind = changed.entry.state === 'settled' ? 'settled' : 'open';
    return { kind, now: changed, update };
  }
}

function unprepared({ code, message, baseUrl }: Unprepared, stored: StoredDeadLetter): RefusedAct {
  const refused = refuse(code, message, stored);
  return baseUrl === undefined ? refused : { ...refused, baseUrl };
}
