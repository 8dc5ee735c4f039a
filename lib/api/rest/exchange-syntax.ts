// What single members of a description may be, for the dialogs too.

/** What `{fields}` may stand in. */
export const OF_WRITES: readonly string[] = ['fields'];

/** A media type with its parameters, such as `application/json;odata=minimalmetadata`. */
export const MEDIA = /^[\w.!#$&^+*/-]+(?:\s*;\s*[\w.-]+=(?:[\w.+/-]+|"[\x20\x21\x23-\x7e]*"))*$/;

/** About access, a record that is gone, and time: nothing else can be meant by them. */
export const FIXED_STATUSES: readonly number[] = [401, 404, 407, 408, 410];
