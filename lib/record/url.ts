import { InputError } from '../errors';

/** As text, or parsed by `parseBaseUrl` once for many records. */
export type BaseUrl = string | URL;

/**
 * Reads an API's base URL. http(s) only, without user info, query or fragment.
 * Throws InputError `BASE_URL_INVALID`; the message never repeats the text, which may hold a password.
 */
export function parseBaseUrl(text: string): URL {
  const given = text.trim();
  // new URL() would drop line breaks and turn backslashes into slashes without a word.
  if (!/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(given)) {
    throw badBase('must start with http:// or https:// and contain no spaces or backslashes');
  }
  const url = parseUrl(given);
  if (url === undefined) throw badBase('is not a URL');
  if (url.username !== '' || url.password !== '') {
    throw badBase('must not contain a user name or password; use the credentials below it');
  }
  if (/[?#]/.test(given))
    throw badBase('must not contain "?" or "#"; leave out query and fragment');
  return url;
}

/**
 * The URL of one record: base path, collection, key. `keyPart` is either `(…)` of an OData key, which follows the
 * collection directly, or one encoded path segment. Throws InputError `BASE_URL_INVALID`, `COLLECTION_INVALID` or
 * `KEY_INVALID`; the result provably lies below the base URL, at the path that was built.
 */
export function recordUrl(baseUrl: BaseUrl, collection: string, keyPart: string): string {
  if (keyPart.includes('/')) throw leadsElsewhere();
  const joint = keyPart.startsWith('(') ? '' : '/';
  return urlBelow(baseUrl, `${collectionPath(collection)}${joint}${keyPart}`);
}

/**
 * The URL of a path below the base URL, exactly as it is written. Throws InputError `BASE_URL_INVALID`, or `KEY_INVALID`
 * for a path that a URL parser would alter.
 */
export function urlBelow(baseUrl: BaseUrl, path: string): string {
  const base = typeof baseUrl === 'string' ? parseBaseUrl(baseUrl) : baseUrl;
  const { origin, path: root } = partsOf(base);
  const whole = `${root}/${path}`;
  if (isLiteralPath(whole)) return origin + whole;
  const url = parseUrl(origin + whole);
  if (url === undefined || !isExactly(url, base, whole)) throw leadsElsewhere();
  return url.href;
}

function leadsElsewhere(): InputError {
  return new InputError(
    'KEY_INVALID',
    'The record key is not usable: Key would lead to another address than its record. Give the bare key.',
  );
}

/** Nothing that a URL parser would alter, take out or read as a separator. */
const LITERAL_PATH = /^[\w.~!$&'()*+,;=:@%/-]*$/;
const LITERAL_QUERY = /^(?:\?[\w.~!$&()*+,;=:@%/?-]+)?$/;

/** A step `.` or `..`, also spelled with %2E. */
const DOT_STEP = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Whether a path goes over the wire as it is written: parsing it would give it back unchanged. */
function isLiteralPath(path: string): boolean {
  return LITERAL_PATH.test(path) && !DOT_STEP.test(path);
}

/** What a request names: path and query below an origin. */
export interface RequestTarget {
  readonly origin: string;
  readonly path: string;
}

/** Where an absolute URL leads, if that stays on the base URL's origin and below its path; otherwise undefined. */
export function targetBelow(base: URL, text: string): RequestTarget | undefined {
  // Most addresses are plain, and parsing one costs more than all other checks of a request.
  return literalTarget(partsOf(base), text) ?? parsedTarget(base, text);
}

function literalTarget({ origin, path: root }: BaseParts, text: string): RequestTarget | undefined {
  if (!text.startsWith(origin) || text.charAt(origin.length) !== '/') return undefined;
  const path = text.slice(origin.length);
  const start = path.indexOf('?');
  const [name, query] = start < 0 ? [path, ''] : [path.slice(0, start), path.slice(start)];
  const isLiteral = isLiteralPath(name) && LITERAL_QUERY.test(query);
  return isLiteral && isBelow(name, root) ? { origin, path } : undefined;
}

function parsedTarget(base: URL, text: string): RequestTarget | undefined {
  const url = parseUrl(text);
  if (url === undefined || !isBelowBase(base, url)) return undefined;
  return { origin: url.origin, path: url.pathname + url.search };
}

/** Whether a URL stays on the base URL's origin and below its path. */
function isBelowBase(base: URL, target: URL): boolean {
  const hasUser = target.username !== '' || target.password !== '';
  return !hasUser && target.origin === base.origin && isBelow(target.pathname, partsOf(base).path);
}

function isExactly(url: URL, base: URL, path: string): boolean {
  const isBare = url.search === '' && url.hash === '';
  return isBare && isBelowBase(base, url) && url.pathname === path;
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

interface BaseParts {
  readonly origin: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/** A URL makes its parts anew each time it is asked; a base URL is asked several times for each update. */
const partsOfBases = new WeakMap<URL, BaseParts>();

/** @param base nobody alters it */
function partsOf(base: URL): BaseParts {
  const known = partsOfBases.get(base);
  if (known !== undefined) return known;
  const parts = { origin: base.origin, path: base.pathname.replace(/\/+$/, '') };
  partsOfBases.set(base, parts);
  return parts;
}

/** Segments that are written as they are called, and cannot be taken for anything else. */
const PLAIN_PATH = /^[\w-]+(?:\/[\w-]+)*$/;

/** What ends a path, or would be turned into something that does; and half a percent sign. */
const NO_PATH = /[?#\\\p{Cc}]|%(?![0-9A-Fa-f]{2})/u;

/**
 * The path of a collection, its segments as they are called or percent-encoded: `resource/Sales Order` and
 * `resource/Sales%20Order` are one address. `;` is encoded, because some servers cut a segment there.
 * Throws InputError `COLLECTION_INVALID`.
 */
export function collectionPath(collection: string): string {
  // Nearly all are plain, and looking at every spelling of a segment costs a visible share of a fast update.
  if (PLAIN_PATH.test(collection)) return collection;
  const path = collection.trim().replace(/^\//, '').replace(/\/$/, '');
  if (NO_PATH.test(path)) throw badCollection();
  return path.split('/').map(encodedSegment).join('/');
}

function encodedSegment(segment: string): string {
  const name = decoded(segment);
  const isName =
    name !== undefined &&
    name !== '' &&
    segment.trim() === segment &&
    !/[/\\\p{Cc}]/u.test(name) &&
    !isDotSegment(name);
  if (!isName) throw badCollection();
  return encodeURIComponent(name).replace(/%(?:24|26|2B|2C|3A|3D|40)/g, decodeURIComponent);
}

/**
 * Whether a server may take a segment for a step up or none at all, in whatever spelling: encoded once more, followed by
 * parameters (`..;x=1`), with blanks around it, or in letters that become dots.
 */
export function isDotSegment(name: string): boolean {
  let text = name;
  for (let inner = decoded(text); inner !== undefined && inner !== text; inner = decoded(text)) {
    text = inner;
  }
  const [bare = ''] = text.normalize('NFKC').split(';');
  return /^\s*\.{1,2}\s*$/.test(bare.split(/[/\\\0]/)[0] ?? '');
}

/** Undefined for what is no UTF-8 when decoded, or holds half a character. */
function decoded(text: string): string | undefined {
  try {
    encodeURIComponent(text);
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function badCollection(): InputError {
  return new InputError(
    'COLLECTION_INVALID',
    'Records are not usable: give the entity set or path below the base URL, for example "salesorders", ' +
      '"v1/assignments" or "resource/Sales Order", without "?", "#", backslashes, "." or ".." as a step, or empty parts. ' +
      'A percent sign begins an escape such as "%20".',
  );
}

/** Undefined for what is no absolute URL. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function badBase(problem: string): InputError {
  return new InputError('BASE_URL_INVALID', `Base URL ${problem}.`);
}
