/** What stands in the place of something secret. */
export const MASK = '•••';

/** A value long enough, and with a digit or padding in it: "Basic authentication" and "password: is missing" stay. */
const VALUE = String.raw`(?=[^\s"',;&<>{}]*[\d=])[^\s"',;&<>{}]{6,}`;

const NAMES =
  'pass(?:word|wd|phrase)?|pwd|secret|api[-_]?key|(?:access|refresh|id|csrf|xsrf|auth)?[-_]?token|authorization|cookie|session[-_]?id|private[-_]?key|signature';

const SECRETS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [new RegExp(String.raw`\b(bearer|basic|digest|negotiate|token)\s+${VALUE}`, 'gi'), `$1 ${MASK}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  [new RegExp(String.raw`((?:${NAMES})["']?\s*[:=]\s*)(["'])[^"']+\2`, 'gi'), `$1$2${MASK}$2`],
  [new RegExp(String.raw`((?:${NAMES})["']?\s*[:=]\s*)${VALUE}`, 'gi'), `$1${MASK}`],
  [/(\/\/)[^\s/@:]{1,200}:[^\s/@]{1,200}@/g, `$1${MASK}@`],
];

/**
 * A short text of an API without what looks like a credential: tokens, passwords, keys, users in addresses. What the
 * request itself carried is taken out before (`lib/transport/redaction.ts`); this is for what else a server may show.
 */
export function withoutLookAlikes(text: string): string {
  return SECRETS.reduce((left, [pattern, shown]) => left.replace(pattern, shown), text);
}
