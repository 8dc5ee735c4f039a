import type { Answer } from '../../outcome/answer';
import type { RecordRef } from '../../record/ref';
import type { BulkReads, ListPage, ListRequest } from './bulk-api';
import { batchRequest, toldIn } from './odata-batch';
import { odataList, type ListDialect } from './odata-list';
import { partRequest } from './part-request';
import { contradicts } from './records';
import { toldOfReads } from './told';

/** Reads by a filter where the names of the key fields are known, else by a batch of single reads. */
export function odataReads(dialect: ListDialect): BulkReads {
  return {
    request: (refs, fields) => {
      const names = namesOf(dialect, refs);
      const alike = refs.slice(0, likeTheFirst(dialect, refs));
      return names === undefined
        ? getBatch(dialect, alike, fields)
        : odataList(dialect, names).request(alike, fields);
    },
    pageOf: (answer, refs) => {
      const names = namesOf(dialect, refs);
      return names === undefined
        ? gotten(dialect, answer, refs)
        : odataList(dialect, names).pageOf(answer, refs);
    },
  };
}

function namesOf(dialect: ListDialect, refs: readonly RecordRef[]): readonly string[] | undefined {
  const [first] = refs;
  return first === undefined ? undefined : dialect.keyNames(first);
}

/** How many of the leading records have the same key fields. */
function likeTheFirst(dialect: ListDialect, refs: readonly RecordRef[]): number {
  const shape = (ref: RecordRef | undefined): string =>
    JSON.stringify(ref && [...(dialect.keyNames(ref) ?? [''])].sort());
  const other = refs.findIndex(ref => shape(ref) !== shape(refs[0]));
  return other < 0 ? refs.length : other;
}

function getBatch(
  dialect: ListDialect,
  refs: readonly RecordRef[],
  fields: readonly string[] | undefined,
): ListRequest {
  const some = refs.slice(0, dialect.most);
  const parts = some.map(ref =>
    partRequest(dialect.family.readRequest(ref, fields), dialect.service.root),
  );
  return { request: batchRequest(dialect, parts, { grouping: 'none' }), count: some.length };
}

function gotten(
  dialect: ListDialect,
  answer: Answer,
  refs: readonly RecordRef[],
): ListPage | undefined {
  const told = toldIn(answer, dialect);
  if (told === undefined) return undefined;
  const found = toldOfReads(told, refs.length);
  for (const [place, { json }] of found) {
    if (contradicts(refs[place]?.key, dialect.format.recordOf(json))) found.delete(place);
  }
  return { found, next: undefined };
}
