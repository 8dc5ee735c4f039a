import { make } from './elements.editor';
import { keyText } from './key-text';
import type { Session } from './session.editor';
import type { EntryFace, LookFace } from './shapes';
import { actionText, byText, reasonText, timeText } from './words.editor';

/** What the record shows now, beside what the entry had. */
export function lookText(session: Session, look: LookFace | undefined): string {
  const { t } = session;
  switch (look?.kind) {
    case undefined:
      return t('conflicts-sidebar.answer.reading');
    case 'seen':
      return t(`conflicts-sidebar.answer.${look.is}`, { time: timeText(session, look.readAt) });
    case 'gone':
      return t('conflicts-sidebar.answer.gone');
    case 'unread':
      return t('conflicts-sidebar.answer.unread', { message: look.message });
    case 'refused':
      return look.message;
  }
}

/** Why it needs a person: a sentence of ours, and what the API or the node said. */
export function whyTexts({ t }: Session, { outcome, error }: EntryFace): readonly string[] {
  const why = t(`conflicts-sidebar.answer.why-${outcome}`);
  return error === undefined ? [why] : [why, error.message];
}

/** What else there is to know of an entry, folded. */
export function detailsOf(session: Session, entry: EntryFace, showNode: () => void): HTMLElement {
  const { t } = session;
  const pairs = factsOf(session, entry).filter(([, text]) => text !== '');
  return make(
    'details',
    { class: 'conflicts-details' },
    make('summary', {}, t('conflicts-sidebar.label.details')),
    make(
      'dl',
      {},
      ...pairs.flatMap(([name, text]) => [make('dt', {}, name), make('dd', {}, text)]),
      ...(entry.source === undefined
        ? []
        : [
            make('dt', {}, t('conflicts-sidebar.label.node')),
            make('dd', {}, nodeLink(entry.source.name || entry.source.type, showNode)),
          ]),
    ),
    make('h4', {}, t('conflicts-sidebar.label.history')),
    make('ol', { class: 'conflicts-history' }, ...historyOf(session, entry)),
  );
}

function nodeLink(name: string, run: () => void): HTMLElement {
  return make('button', { type: 'button', class: 'conflicts-link', onclick: run }, name);
}

function factsOf(session: Session, entry: EntryFace): readonly (readonly [string, string])[] {
  const { t } = session;
  const { record, endpoint, attempts, failures, leftOut, trace, error } = entry;
  return [
    [t('conflicts-sidebar.label.record'), record.url ?? keyText(record.key)],
    [t('conflicts-sidebar.label.endpoint'), endpoint?.name ?? ''],
    [t('conflicts-sidebar.label.code'), [error?.code, error?.apiCode].filter(Boolean).join(', ')],
    [t('conflicts-sidebar.label.times'), String(failures)],
    [t('conflicts-sidebar.label.writes'), String(attempts)],
    [t('conflicts-sidebar.label.left-out'), leftOut.map(({ path }) => path).join(', ')],
    [t('conflicts-sidebar.label.trace'), trace.traceparent ?? trace.msgid ?? ''],
  ];
}

function historyOf(session: Session, { history }: EntryFace): HTMLElement[] {
  const { t } = session;
  return [...history].reverse().map(({ at, what, by, outcome, text }) => {
    const done =
      what === 'failed'
        ? reasonText(t, outcome ?? 'error')
        : t('conflicts-sidebar.label.event', {
            who: byText(t, by ?? ''),
            what: actionText(t, what),
          });
    const said = text === undefined ? '' : `: ${text}`;
    return make(
      'li',
      {},
      make('time', { datetime: new Date(at).toISOString() }, timeText(session, at)),
      ` ${done}${said}`,
    );
  });
}
