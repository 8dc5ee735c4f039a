import type { Answer } from '../../outcome/answer';
import type { WireRequest } from '../../transport/transport';
import type { ODataFormat } from '../odata/odata-format';
import { jsonBatch, toldInJson } from './batch-json';
import { freeBoundary, multipartBatch, toldInMultipart } from './batch-multipart';
import type { BatchAnswer, BatchMember, BatchOptions, BulkWrites } from './bulk-api';
import { partRequest, type PartRequest } from './part-request';
import { withParameters, type Service } from './service';
import { toldOfEach, toldOfGroup, type BatchTold } from './told';

/** How one OData service takes batches. */
export interface BatchDialect {
  readonly service: Service;
  readonly format: ODataFormat;
  readonly isV2: boolean;
  readonly form: 'json' | 'multipart';
  readonly most: number;
}

/** Writes with `$batch`. Each record is a change set of its own, so that an outdated one fails alone. */
export function odataWrites(dialect: BatchDialect): BulkWrites {
  return {
    most: dialect.most,
    canGroup: true,
    request: (members, options) => writeBatch(dialect, members, options),
    answersIn: (answer, members, { atomic }) =>
      answersIn(toldIn(answer, dialect), members.length, atomic),
  };
}

function writeBatch(
  dialect: BatchDialect,
  members: readonly BatchMember[],
  { atomic, boundary }: BatchOptions,
): WireRequest {
  const parts = members.map(({ request }) => partRequest(request, dialect.service.root));
  return batchRequest(dialect, parts, { grouping: atomic ? 'one' : 'each', boundary });
}

interface Batching {
  readonly grouping: 'each' | 'one' | 'none';
  /** Absent: any that is free. */
  readonly boundary?: string;
}

/**
 * The batch request. What to do after an error is always said: multipart and JSON batches differ in what they do
 * unasked (OData 4.01 part 1, section 8.2.8.3). V2 knows no such wish, but the V2 adapter of SAP CAP passes it on, and
 * without it the service stops at the first record that somebody else has changed.
 */
export function batchRequest(
  { service, format, isV2, form }: BatchDialect,
  parts: readonly PartRequest[],
  { grouping, boundary = freeBoundary(parts) }: Batching,
): WireRequest {
  const content =
    form === 'json'
      ? { contentType: 'application/json', body: jsonBatch(parts, grouping) }
      : multipartBatch(parts, { boundary, changeSets: grouping, isV2 });
  return {
    method: 'POST',
    url: withParameters(`${service.root}$batch`, service.query),
    headers: {
      ...format.headers,
      Accept: form === 'json' ? 'application/json' : 'multipart/mixed',
      'Content-Type': content.contentType,
      Prefer: 'odata.continue-on-error',
    },
    body: content.body,
  };
}

/** What a batch answer says of its parts, whatever its own status; undefined when it says nothing of them. */
export function toldIn(answer: Answer, { isV2 }: BatchDialect): BatchTold | undefined {
  // V2 does not say that a service ends at the first error, but some do (SAP CAP's adapter).
  const mayStop = !CONTINUED.test(answer.headers['preference-applied'] ?? '');
  const inParts = toldInMultipart(answer);
  if (inParts !== undefined) return { ...inParts, hasOrder: true, isWithoutIds: isV2, mayStop };
  const inJson = toldInJson(answer);
  return inJson && { ...inJson, hasOrder: false, isWithoutIds: false, mayStop };
}

const CONTINUED = /\bcontinue-on-error\b(?!\s*=\s*"?false)/i;

function answersIn(told: BatchTold | undefined, count: number, atomic: boolean): BatchAnswer {
  if (told === undefined) return { kind: 'whole' };
  if (atomic) return toldOfGroup(told, count);
  return { kind: 'members', members: toldOfEach(told, count) };
}
