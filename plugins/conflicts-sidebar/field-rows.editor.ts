import { make, unseen } from './elements.editor';
import type { Session } from './session.editor';
import type { FieldFace } from './shapes';
import { shownValue } from './words.editor';

/** A row for each field: what it was, what the flow wanted, what it is now. Fields in conflict come first. */
export function fieldRows({ t }: Session, fields: readonly FieldFace[]): HTMLTableElement {
  const names = {
    base: t('conflicts-sidebar.label.base'),
    ours: t('conflicts-sidebar.label.ours'),
    theirs: t('conflicts-sidebar.label.theirs'),
  };
  const sorted = [...fields].sort((a, b) => Number(b.conflicting) - Number(a.conflicting));
  // Laid out as blocks where it is narrow, a table would lose its roles.
  return make(
    'table',
    { class: 'conflicts-fields', role: 'table', 'aria-label': t('conflicts-sidebar.label.fields') },
    make(
      'thead',
      { role: 'rowgroup' },
      make(
        'tr',
        { role: 'row' },
        make('th', { role: 'columnheader', scope: 'col' }, t('conflicts-sidebar.label.field')),
        ...Object.values(names).map(name =>
          make('th', { role: 'columnheader', scope: 'col' }, name),
        ),
      ),
    ),
    make('tbody', { role: 'rowgroup' }, ...sorted.map(field => row(t, names, field))),
  );
}

function row(
  t: Session['t'],
  names: Readonly<Record<'base' | 'ours' | 'theirs', string>>,
  field: FieldFace,
): HTMLTableRowElement {
  const { name, conflicting, isGuard } = field;
  const cells = (['base', 'ours', 'theirs'] as const).map(part => {
    const isUnwanted = part === 'ours' && isGuard;
    const { text, kind } = isUnwanted
      ? ({ text: t('conflicts-sidebar.label.guard'), kind: 'note' } as const)
      : shownValue(t, field[part]);
    return make(
      'td',
      { role: 'cell', class: `conflicts-${part}` },
      make('span', { class: 'conflicts-part', 'aria-hidden': 'true' }, names[part]),
      make('span', { class: `conflicts-value conflicts-${kind}` }, text),
    );
  });
  return make(
    'tr',
    { role: 'row', class: conflicting ? 'conflicts-conflicting' : undefined },
    make(
      'th',
      { role: 'rowheader', scope: 'row' },
      name,
      conflicting ? unseen(` (${t('conflicts-sidebar.label.conflicting')})`) : undefined,
    ),
    ...cells,
  );
}
