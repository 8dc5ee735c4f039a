import type { Translate } from '../shared/checks';
import type { EditorNode } from '../shared/editor/red';
import type { RecordStoreConfig } from './config';

/** As the runtime tells it (stranded.ts). */
interface Stranded {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly oldestAt?: number;
  readonly isUsedElsewhere: boolean;
}

/** Shows queues of the store, as it is deployed, in which updates wait and that no node opens. Mostly there are none. */
export function showStranded(t: Translate, node: EditorNode<RecordStoreConfig>): void {
  const area = $('#record-store-stranded').empty().hide();
  // jQuery with a relative address: only so does the request carry the login of the editor.
  $.ajax({ url: `record-updates/store/${encodeURIComponent(node.id)}/queues` }).done(
    ({ queues }: { readonly queues: readonly Stranded[] }) => {
      if (queues.length === 0) return;
      area.append($('<p>').text(t('record-store.answer.stranded-title')));
      const list = $('<ul>').appendTo(area);
      for (const queue of queues) $('<li>').text(inWords(t, queue)).appendTo(list);
      area.append($('<p>').text(t('record-store.answer.stranded-fix'))).show();
    },
  );
}

function inWords(t: Translate, queue: Stranded): string {
  const { name, waiting, inFlight, oldestAt, isUsedElsewhere } = queue;
  const parts = [t('record-store.answer.stranded-waiting', { number: waiting })];
  if (inFlight > 0) parts.push(t('record-store.answer.stranded-in-flight', { number: inFlight }));
  if (oldestAt !== undefined) {
    const time = new Date(oldestAt).toLocaleString();
    parts.push(t('record-store.answer.stranded-since', { time }));
  }
  if (isUsedElsewhere) parts.push(t('record-store.answer.stranded-elsewhere'));
  return `${name}: ${parts.join(', ')}`;
}
