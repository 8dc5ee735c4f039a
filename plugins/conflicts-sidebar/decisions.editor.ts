import type { ActWish } from './client.editor';
import { EditForm } from './edit-form.editor';
import { button, make } from './elements.editor';
import type { Question } from './question.editor';
import type { Session } from './session.editor';
import type { EntryFace, FieldFace, LookFace } from './shapes';
import { shownValue } from './words.editor';

export type Decision = ActWish['action'];

/** A decision with the picture of its button, as they stand beside each other. */
const DECISIONS: readonly (readonly [Decision, string])[] = [
  ['theirs', 'hand-o-right'],
  ['ours', 'pencil'],
  ['edit', 'i-cursor'],
  ['replay', 'repeat'],
  ['discard', 'trash-o'],
];

const WRITES_OVER: readonly Decision[] = ['ours', 'edit'];

/** The buttons below an entry, each with what it does as its tip. */
export function decisionButtons(
  { t }: Session,
  isDisabled: boolean,
  look: LookFace | undefined,
  run: (decision: Decision) => void,
): HTMLElement {
  const isGone = look?.kind === 'gone';
  const buttons = DECISIONS.filter(([decision]) => !isGone || decision === 'discard').map(
    ([decision, icon]) => {
      const made = button({
        label: t(`conflicts-sidebar.button.${decision}`),
        tip: t(`conflicts-sidebar.tip.${decision}`),
        icon,
        run: () => {
          run(decision);
        },
      });
      // Nobody writes over what he has not been shown.
      made.disabled = isDisabled || (look === undefined && WRITES_OVER.includes(decision));
      return made;
    },
  );
  return make(
    'div',
    {
      class: 'conflicts-buttons',
      role: 'group',
      'aria-label': t('conflicts-sidebar.label.decide'),
    },
    ...buttons,
  );
}

/** What somebody has to know before a decision is carried out, and how the act says that it is known. */
export interface Warning {
  readonly text: string;
  readonly wish: Partial<ActWish>;
}

type DecisionQuestion = Omit<Question, 'run' | 'onCancel'> & {
  readonly wish: () => Partial<ActWish>;
};

interface Decided {
  readonly entry: EntryFace;
  readonly fields: readonly FieldFace[];
}

/** What is asked before a decision is carried out; undefined: nothing is lost by it. */
export function questionFor(
  session: Session,
  decision: Decision,
  decided: Decided,
): DecisionQuestion | undefined {
  switch (decision) {
    case 'ours':
      return overwriteQuestion(session, decided);
    case 'edit':
      return editQuestion(session, decided);
    case 'discard':
      return discardQuestion(session);
    default:
      return undefined;
  }
}

/** The same question with what else there is to know; where nothing was to be asked, that alone. */
export function warned(
  { t }: Session,
  question: DecisionQuestion | undefined,
  warnings: readonly Warning[],
): DecisionQuestion | undefined {
  if (warnings.length === 0) return question;
  const {
    body = [],
    wish,
    ...rest
  } = question ?? {
    title: t('conflicts-sidebar.answer.sure'),
    confirm: t('conflicts-sidebar.button.anyway'),
    wish: () => ({}),
  };
  return {
    ...rest,
    body: [...warnings.map(({ text }) => make('p', {}, text)), ...body],
    wish: () => Object.assign({}, ...warnings.map(known => known.wish), wish()) as Partial<ActWish>,
  };
}

function overwriteQuestion(session: Session, { entry, fields }: Decided): DecisionQuestion {
  const { t } = session;
  const { isComputed } = entry;
  // What was sent once is not what is computed from the record as it is now.
  const over = fields.filter(
    ({ isGuard, theirs, ours }) => !isComputed && !isGuard && ours !== undefined && theirs !== ours,
  );
  const lines = over.map(({ name, theirs, ours }) =>
    make(
      'li',
      {},
      make('b', {}, name),
      ': ',
      make('del', {}, shownValue(t, theirs).text),
      ' → ',
      make('ins', {}, shownValue(t, ours).text),
    ),
  );
  const any = isComputed
    ? t('conflicts-sidebar.tip.overwrite-computed')
    : t('conflicts-sidebar.tip.overwrite-any');
  return {
    title: t('conflicts-sidebar.answer.overwrite'),
    body: [
      lines.length > 0 ? make('ul', { class: 'conflicts-over' }, ...lines) : make('p', {}, any),
    ],
    confirm: t('conflicts-sidebar.button.overwrite'),
    wish: () => ({}),
  };
}

function editQuestion(session: Session, { entry, fields }: Decided): DecisionQuestion {
  const { t } = session;
  const form = new EditForm(session, entry, fields);
  return {
    title: t('conflicts-sidebar.answer.edit'),
    body: [form.element, make('p', {}, t('conflicts-sidebar.tip.edit-writes'))],
    confirm: t('conflicts-sidebar.button.send'),
    ...(form.first === undefined ? {} : { first: form.first }),
    check: () => form.fault(),
    wish: () => ({ changes: form.changes() }),
  };
}

function discardQuestion({ t }: Session): DecisionQuestion {
  const reason = make('input', {
    type: 'text',
    maxlength: 1_000,
    'aria-label': t('conflicts-sidebar.label.why'),
    placeholder: t('conflicts-sidebar.placeholder.why'),
  });
  return {
    title: t('conflicts-sidebar.answer.discard'),
    body: [reason],
    first: reason,
    confirm: t('conflicts-sidebar.button.discard'),
    check: () => (reason.value.trim() === '' ? t('conflicts-sidebar.errors.reason') : undefined),
    wish: () => ({ reason: reason.value.trim() }),
  };
}
