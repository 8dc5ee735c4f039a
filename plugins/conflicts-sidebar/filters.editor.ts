import type { ReviewReason } from '../../lib/review/dead-letter';
import type { ReviewFilter, ReviewPage } from '../../lib/review/desk';
import { choose, make } from './elements.editor';
import type { Session } from './session.editor';
import { reasonText } from './words.editor';

/** How old: changed since, or before, so many milliseconds ago. */
type Age = 'hour' | 'day' | 'older-day' | 'older-week';

const AGES: Readonly<Record<Age, readonly [bound: 'since' | 'before', ms: number]>> = {
  hour: ['since', 3_600_000],
  day: ['since', 86_400_000],
  'older-day': ['before', 86_400_000],
  'older-week': ['before', 604_800_000],
};

function isAge(name: string | undefined): name is Age {
  return name !== undefined && Object.hasOwn(AGES, name);
}

const STATES = ['open', 'settled', 'all'] as const;

/** Chosen among the reasons, and none: whatever they ended as, a write may be in place. */
const IN_DOUBT = ' in-doubt';

function reasonFilter(reason = ''): ReviewFilter {
  if (reason === IN_DOUBT) return { mayBeWritten: true };
  return reason === '' ? {} : { outcomes: [reason] };
}

/** The choices that narrow the list, made of what is in it. */
export class Filters {
  readonly element = make('div', { class: 'conflicts-filters', hidden: true });
  private chosen: Readonly<Record<string, string>> = {};
  private text = '';

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void,
  ) {}

  set search(text: string) {
    this.text = text;
  }

  /** With an age that counts from now. */
  filter(now = Date.now()): ReviewFilter {
    const { state, reason, type, endpoint, age } = this.chosen;
    const [bound, ms] = isAge(age) ? AGES[age] : [];
    return {
      state: STATES.find(one => one === state) ?? 'open',
      ...reasonFilter(reason),
      ...(type ? { types: [type] } : {}),
      ...(endpoint ? { endpoints: [endpoint] } : {}),
      ...(bound === undefined ? {} : { [bound]: now - (ms ?? 0) }),
      ...(this.text === '' ? {} : { text: this.text }),
    };
  }

  /** Whether less is shown than all that is open. */
  get isNarrow(): boolean {
    return this.text !== '' || Object.values(this.chosen).some(value => value !== '');
  }

  /** The list has other entries to choose from now. */
  offer({ outcomes, mayBeWritten, types, endpoints }: ReviewPage['choices']): void {
    // A list that somebody has open must not be drawn anew under the mouse.
    if (this.element.contains(document.activeElement)) return;
    const { t } = this.session;
    const counted = (name: string, count: number): string => `${name} (${String(count)})`;
    const doubt = counted(t('conflicts-sidebar.option.in-doubt'), mayBeWritten);
    const byName = (counts: Readonly<Record<string, number>>, label: (name: string) => string) =>
      Object.entries(counts).map(([value, count]) => ({
        value,
        label: counted(label(value), count),
      }));
    this.element.replaceChildren(
      this.choice('state', t('conflicts-sidebar.label.state'), [
        { value: '', label: t('conflicts-sidebar.option.state-open') },
        { value: 'settled', label: t('conflicts-sidebar.option.state-settled') },
        { value: 'all', label: t('conflicts-sidebar.option.state-all') },
      ]),
      this.any('reason', t('conflicts-sidebar.label.reason'), [
        ...(mayBeWritten === 0 ? [] : [{ value: IN_DOUBT, label: doubt }]),
        ...byName(outcomes, reason => reasonText(t, reason as ReviewReason)),
      ]),
      this.any(
        'type',
        t('conflicts-sidebar.label.type'),
        byName(types, type => type),
      ),
      this.any(
        'endpoint',
        t('conflicts-sidebar.label.endpoint'),
        Object.entries(endpoints).map(([value, { name, count }]) => ({
          value,
          label: counted(name || value, count),
        })),
      ),
      this.any(
        'age',
        t('conflicts-sidebar.label.age'),
        Object.keys(AGES)
          .filter(isAge)
          .map(value => ({
            value,
            label: t(`conflicts-sidebar.option.age-${value}`),
          })),
      ),
    );
  }

  private any(
    name: string,
    label: string,
    choices: readonly { value: string; label: string }[],
  ): HTMLElement {
    const all = { value: '', label: `${label}: ${this.session.t('conflicts-sidebar.option.any')}` };
    return this.choice(name, label, [all, ...choices]);
  }

  private choice(
    name: string,
    label: string,
    choices: readonly { value: string; label: string }[],
  ): HTMLElement {
    return choose(label, choices, this.chosen[name] ?? '', value => {
      this.chosen = { ...this.chosen, [name]: value };
      this.onChange();
    });
  }
}
