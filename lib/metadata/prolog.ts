/** What may stand before the root of an XML document: comments, and instructions such as its declaration. */
const BEFORE_ROOT: readonly (readonly [begin: string, end: string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
];

/**
 * Where the root of a document begins, or its document type. The length of the text where it ends before.
 * A service may write as many comments as it likes, so that each is passed once.
 */
export function startOfRoot(text: string): number {
  let at = afterBlanks(text, 0);
  for (;;) {
    const part = BEFORE_ROOT.find(([begin]) => text.startsWith(begin, at));
    if (part === undefined) return at;
    const [begin, end] = part;
    const close = text.indexOf(end, at + begin.length);
    if (close < 0) return text.length;
    at = afterBlanks(text, close + end.length);
  }
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at).trim() === '') at += 1;
  return at;
}
