import { isFields } from './fields';

/** Deeper than any record with all that it is wrapped in: whatever copies, compares or writes values recurses. */
export const MAX_NESTING = 100;

/**
 * As many as an answer of a megabyte has. What is held many times over counts each time, because JSON writes it out
 * each time.
 */
export const MAX_VALUES = 250_000;

/**
 * Whether a value is small and flat enough to be copied, compared and written: at most `MAX_NESTING` levels, which an
 * object that contains itself never has, and at most `MAX_VALUES` values. No more of it than that is looked at.
 * @param fits asked about everything but arrays and objects of names and values; absent: all of it will do
 */
export function isBounded(value: unknown, fits: (leaf: unknown) => boolean = anything): boolean {
  let left = MAX_VALUES;
  const visit = (inner: unknown, depth: number): boolean => {
    if (--left < 0) return false;
    const items = itemsOf(inner);
    if (items === undefined) return fits(inner);
    // Also where nothing is in it: what reads the text counts its bracket.
    if (depth >= MAX_NESTING) return false;
    // Before going through it: an array may be long and empty.
    return items.length <= left && items.every(item => visit(item, depth + 1));
  };
  return visit(value, 0);
}

function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  return isFields(value) ? Object.values(value) : undefined;
}

function anything(): boolean {
  return true;
}

/** Whether a text is JSON nested deeper than `MAX_NESTING`, without parsing it: a parser would recurse, too. */
export function isNestedTooDeep(json: string): boolean {
  // Most texts do not even have so many brackets, which is found fast.
  return hasManyBrackets(json) && depthOf(json) > MAX_NESTING;
}

function hasManyBrackets(json: string): boolean {
  let left = MAX_NESTING;
  for (const bracket of ['{', '[']) {
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1)) {
      if (--left < 0) return true;
    }
  }
  return false;
}

/** How deep brackets are nested; looks no further than where that is too deep. */
function depthOf(json: string): number {
  let depth = 0;
  for (let at = 0; at < json.length && depth <= MAX_NESTING; at++) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at);
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
  }
  return depth;
}

/** Where the string ends that begins at a quote. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

/** After an odd number of backslashes. */
function isEscaped(json: string, at: number): boolean {
  let from = at;
  while (json[from - 1] === '\\') from--;
  return (at - from) % 2 === 1;
}
