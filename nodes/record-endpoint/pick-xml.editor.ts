import type { NoDescription } from '../../lib/metadata/description';
import { startOfRoot } from '../../lib/metadata/prolog';

/** A page for people, mostly that of a sign-in. */
const PAGE = /^<(?:!doctype\s+html|html)\b/i;

/** The root of a `$metadata` document. The browser's parser loads nothing from elsewhere. */
export function csdlRoot(text: string): Element | NoDescription {
  const start = startOfRoot(text);
  const begins = text.slice(start, start + 200);
  if (PAGE.test(begins)) return 'page';
  // No service has one, and what it declares would be put in all over the document.
  if (/^<!doctype/i.test(begins)) return 'unreadable';
  const parsed = new DOMParser().parseFromString(text, 'application/xml');
  if (parsed.getElementsByTagName('parsererror').length === 0) return parsed.documentElement;
  const isBegun = /^<(?:\w+:)?Edmx\b/.test(begins) || (begins === '' && text.trim() !== '');
  return isBegun && !/Edmx>\s*$/.test(text.slice(-200)) ? 'cut' : 'unreadable';
}
