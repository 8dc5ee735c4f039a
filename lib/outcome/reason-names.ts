/** Names of members and elements that tell why an API refused a request, as products spell them. */

/** Without case, blanks and marks, so that `error_description` and `ErrorDescription` are one. `@` marks annotations. */
export function plainName(name: string): string {
  if (name.startsWith('@') || name.startsWith('$')) return '';
  return name
    .toLowerCase()
    .replace(/^odata\./, '')
    .replace(/[^a-z0-9]/g, '');
}

/** Most telling first: the order in which the texts of one object are put together. */
const MESSAGES: readonly RegExp[] = [
  /^error$/,
  /title$/,
  /(?:message|messagetext|msg|errortext|reasontext|faultstring|errorsummary)$|^(?:text|exception)$/,
  /(?:detail|details|longtext|diagnostics)$/,
  /description$/,
  /^(?:reason|cause|problem)$/,
];

/** The place of a text by its name; undefined where the name tells nothing. */
export function messageRank(plain: string): number | undefined {
  const rank = MESSAGES.findIndex(pattern => pattern.test(plain));
  return rank < 0 ? undefined : rank;
}

const CODES: readonly RegExp[] = [
  /(?:^|error|err|fault|exception|message|reason|sub)code$|(?:error|message)(?:number|no)$/,
  /^(?:reason|error)$/,
  /(?:^|error|exception|exc)type$/,
  /^status$/,
];

/** The same for codes. From the second on, a name may hold something else, so the value has to look like a code. */
export function codeRank(plain: string): number | undefined {
  const rank = CODES.findIndex(pattern => pattern.test(plain));
  return rank < 0 ? undefined : rank;
}

/** Rank of `reason` and `error`, which hold a sentence at some APIs and a code at others. */
export const OF_A_SENTENCE = 1;

/** Rank of `status`, which is mostly the status of the answer once more. */
export const STATUS_WORD = 3;

const HOLDERS =
  /error|fault|exception|violation|problem|message|detail|reason|issue|failure|cause|modelstate|invalid/;

/** Whether lists and objects of this name hold reasons. */
export function holdsReasons(plain: string): boolean {
  return HOLDERS.test(plain) && !/stack|trace/.test(plain);
}

/** Whether an object of this name may have the names of fields as its members. */
export function mapsFields(plain: string): boolean {
  return /(?:errors|messages|violations|details|faults|problems|issues|modelstate)$/.test(plain);
}
