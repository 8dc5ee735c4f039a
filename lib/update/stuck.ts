import type { Answer } from '../outcome/answer';
import { isFields } from '../record/fields';
import { failed, type Ending } from './ending';

export const NOT_PROGRESSING = 'VERSION_NOT_PROGRESSING';

/**
 * How an update ends whose API refuses the very version that its own read shows: with the cause that the read tells.
 * @param answer the read; undefined when the version came with the message
 */
export function notProgressing(version: string, answer: Answer | undefined): Ending {
  const cause = answer === undefined ? UNKNOWN : causeIn(answer, version);
  return failed('unsupported', {
    code: NOT_PROGRESSING,
    message: `The API refuses the version it names itself, ${short(version)}. ${cause}`,
  });
}

const UNKNOWN =
  'Something on the way alters it (a compressing proxy that adds -gzip, a stale replica), or the API compares another version. Ask for the proxy to leave ETags alone, or take the version from another place: Version from, in the endpoint of a generic REST API.';

function causeIn({ headers, json }: Answer, version: string): string {
  const { etag } = headers;
  const inBody = isFields(json)
    ? versionsIn(json).find(({ value }) => value !== version)
    : undefined;
  if (etag !== undefined && !isSame(etag, version)) {
    return `It was taken from the body, and the ETag header of the same answer says ${short(etag)}. Take that one: in the endpoint of an OData v4 service set ETag from to the header, or use API family "generic REST" with Version from set to the ETag header.`;
  }
  if (etag !== undefined && inBody !== undefined) {
    return `It was taken from the ETag header, and the body of the same answer says ${short(inBody.value)} in ${inBody.name}. Take that one: set Version from to a field, and Version field to ${inBody.name}, in the endpoint of a generic REST API.`;
  }
  if (etag !== undefined && ALTERED.test(etag)) {
    return 'It looks altered by a server that compresses answers (-gzip, ;br). Ask for compression to be switched off for this API, or for ETags to be left alone.';
  }
  if (etag?.startsWith('W/') === true) {
    return 'It is a weak ETag (W/), which a server that compares as RFC 9110 asks never finds equal in If-Match: a proxy that compresses makes ETags weak, and so do servers of files for what was changed within the last second. Ask for ETags to be left alone, or set Version from to a field or Last-Modified in the endpoint of a generic REST API.';
  }
  return UNKNOWN;
}

const ALTERED = /(?:-gzip|-br|-deflate|;gzip|;br|--gzip)"?$/i;

/** Members in which products keep the version of a record. */
const PLACES = ['@odata.etag', '@etag', 'etag', '_etag', '_rev', 'resourceVersion'] as const;

function versionsIn(body: object): { readonly name: string; readonly value: string }[] {
  const fields = body as Readonly<Record<string, unknown>>;
  return PLACES.flatMap(name => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? [{ name, value }] : [];
  });
}

/** A field may hold the opaque part of the ETag. */
function isSame(etag: string, version: string): boolean {
  return etag === version || etag === `"${version}"` || JSON.stringify(etag) === version;
}

function short(version: string): string {
  return version.length <= 80 ? version : `${version.slice(0, 80)}…`;
}
