import type { ReviewAction, ReviewReason } from '../../lib/review/dead-letter';
import type { Translate } from '../../nodes/shared/checks';
import type { Session } from './session.editor';

/** Characters of a value that are shown before it is cut off. */
const MOST_SHOWN = 300;

/** A value in a row of a field. */
export interface ShownValue {
  readonly text: string;
  /** `json` is no text, `note` says something about the value in its place. */
  readonly kind: 'text' | 'json' | 'note';
}

/** A value of a record, which came as JSON text; undefined: nobody knows it. Cut off where it is long, with its length. */
export function shownValue(t: Translate, json: string | undefined): ShownValue {
  if (json === undefined) return { text: t('conflicts-sidebar.label.unknown'), kind: 'note' };
  if (json === 'null') return { text: t('conflicts-sidebar.label.empty'), kind: 'note' };
  if (json === '""') return { text: t('conflicts-sidebar.label.empty-text'), kind: 'note' };
  const isText = json.startsWith('"');
  const text = isText ? (JSON.parse(json) as string) : json;
  return { text: cutOff(t, text), kind: isText ? 'text' : 'json' };
}

function cutOff(t: Translate, text: string): string {
  if (text.length <= MOST_SHOWN) return text;
  const characters = text.length;
  return `${text.slice(0, MOST_SHOWN)}… ${t('conflicts-sidebar.label.cut', { characters })}`;
}

/** Why an update needs a person, in a few words. */
export function reasonText(t: Translate, reason: ReviewReason): string {
  return t(`conflicts-sidebar.option.reason-${reason}`);
}

/** What somebody does, or did, with an entry. */
export function actionText(t: Translate, action: ReviewAction | 'expire'): string {
  return t(`conflicts-sidebar.option.action-${action}`);
}

/** Who did something. */
export function byText(t: Translate, by: string): string {
  return by === '' ? t('conflicts-sidebar.label.somebody') : by;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long ago a time was, in the editor's language: `3 minutes ago`. */
export function agoText({ language }: Session, at: number, now = Date.now()): string {
  const passed = Math.max(0, now - at);
  const [unit, ms] = UNITS.find(([, length]) => passed >= length) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }).format(
    -Math.floor(passed / ms),
    unit,
  );
}

/** A time by the clock on the wall; with its day, unless that is today. */
export function timeText({ language }: Session, at: number | string, now = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const isToday = date.toDateString() === now.toDateString();
  const day = isToday ? {} : ({ dateStyle: 'medium' } as const);
  return new Intl.DateTimeFormat(language, { ...day, timeStyle: 'medium' }).format(date);
}

export function numberText({ language }: Session, value: number, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** A share from 0 to 1; undefined: nothing was counted. */
export function shareText({ language }: Session, share: number | undefined): string {
  if (share === undefined) return '–';
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(
    share,
  );
}
