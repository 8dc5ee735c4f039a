import { isDotSegment } from '../../record/url';

/** A template in parts: text as it is, and names of placeholders. */
export type TemplatePart = string | { readonly name: string };

/** What is wrong with a template, as the end of the key of a sentence. */
export type TemplateProblem =
  'braces' | 'placeholder' | 'no-key' | 'characters' | 'steps' | 'pairs' | 'twice';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Parts of a template. Braces that do not belong together stay text. */
export function templateParts(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push(template.slice(end, match.index));
    parts.push({ name: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  if (end < template.length) parts.push(template.slice(end));
  return parts;
}

/** The names of its placeholders. */
export function placeholdersIn(template: string): readonly string[] {
  return templateParts(template).flatMap(part => (typeof part === 'string' ? [] : [part.name]));
}

const KEY = /^key(?:\.[A-Za-z_]\w{0,127})?$/;

/** Whether a placeholder stands for a record: its collection, its key, or one field of that. */
function isOfRecord(name: string): boolean {
  return name === 'collection' || KEY.test(name);
}

/** The field of a key that a placeholder such as `key.Plant` names; undefined for `key` itself. */
export function keyFieldIn(name: string): string | undefined {
  return name.startsWith('key.') ? name.slice('key.'.length) : undefined;
}

// What RFC 3986 lets stand in a path; an escape could hide a slash or a dot.
const PATH_TEXT = /^[\w.~!$&'()*+,;=:@/-]*$/;

/** What is wrong with the template of an address; an empty one is none. */
export function addressProblem(template: string): TemplateProblem | undefined {
  if (template === '') return undefined;
  const parts = templateParts(template);
  const texts = parts.filter(part => typeof part === 'string');
  const names = placeholdersIn(template);
  if (texts.some(text => /[{}]/.test(text))) return 'braces';
  if (!names.every(isOfRecord)) return 'placeholder';
  if (!names.some(name => KEY.test(name))) return 'no-key';
  if (!texts.every(text => PATH_TEXT.test(text))) return 'characters';
  return hasOddStep(parts) ? 'steps' : undefined;
}

/** A step up, an empty one, or one that a server may take for such: with any ordinary key in it, a step has a name. */
function hasOddStep(parts: readonly TemplatePart[]): boolean {
  const path = parts.map(part => (typeof part === 'string' ? part : 'x')).join('');
  const steps = path.split('/');
  if (steps.at(-1) === '') steps.pop();
  return steps.some(step => step === '' || isDotSegment(step));
}

const PAIR_NAME = /^(?:[\w.~!$'()*,;:@/-]|%[0-9A-F]{2})+$/i;
const PAIR_TEXT = /^(?:[\w.~!$'()*+,;:@/?=-]|%[0-9A-F]{2})*$/i;

/**
 * What is wrong with a query such as `updateMask={fields}&v=2`; an empty one is none.
 * @param allowed placeholders besides those of a record
 */
export function queryProblem(
  query: string,
  allowed: readonly string[] = [],
): TemplateProblem | undefined {
  if (query === '') return undefined;
  for (const pair of query.split('&')) {
    const problem = pairProblem(pair, allowed);
    if (problem !== undefined) return problem;
  }
  const names = queryNames(query);
  return new Set(names).size === names.length ? undefined : 'twice';
}

function pairProblem(pair: string, allowed: readonly string[]): TemplateProblem | undefined {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
  if (!PAIR_NAME.test(name)) return 'pairs';
  for (const part of templateParts(value)) {
    if (typeof part !== 'string') {
      if (!isOfRecord(part.name) && !allowed.includes(part.name)) return 'placeholder';
    } else if (/[{}]/.test(part)) return 'braces';
    else if (!PAIR_TEXT.test(part)) return 'pairs';
  }
  return undefined;
}

/** The names of the parameters of a query, decoded and in lower case: servers may ignore the case. */
export function queryNames(query: string): readonly string[] {
  if (query === '') return [];
  return query.split('&').map(pair => decodedName(pair.split('=')[0] ?? ''));
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** What is wrong with the placeholders in the texts of members that go along; undefined: nothing. */
export function membersProblem(members: unknown): TemplateProblem | undefined {
  if (typeof members === 'string') {
    return placeholdersIn(members).every(isOfRecord) ? undefined : 'placeholder';
  }
  if (typeof members !== 'object' || members === null) return undefined;
  return Object.values(members)
    .map(membersProblem)
    .find(problem => problem !== undefined);
}
