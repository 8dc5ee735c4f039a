import { isFields, type Fields } from '../record/fields';

/**
 * The value at a dotted path such as `data.record`; the empty path is the body itself. Numbers are places in lists:
 * `errors.0.detail`. A name that holds dots itself, such as `@odata.etag`, is found too.
 */
export function valueAtPath(body: unknown, path: string): unknown {
  if (path === '') return body;
  if (Array.isArray(body)) return valueInList(body, path);
  if (!isFields(body)) return undefined;
  if (Object.hasOwn(body, path)) return body[path];
  const [name, rest] = split(path);
  return rest === '' || !Object.hasOwn(body, name) ? undefined : valueAtPath(body[name], rest);
}

function valueInList(list: readonly unknown[], path: string): unknown {
  const [place, rest] = split(path);
  return /^\d{1,6}$/.test(place) ? valueAtPath(list[Number(place)], rest) : undefined;
}

/** The fields with one value set at a dotted path; objects on the way are copied, not changed. */
export function withValueAtPath(fields: Fields, path: string, value: unknown): Fields {
  const [name, rest] = split(path);
  if (rest === '') return { ...fields, [name]: value };
  const inner = valueAtPath(fields, name);
  return { ...fields, [name]: withValueAtPath(isFields(inner) ? inner : {}, rest, value) };
}

/** The JSON of a body that holds at a dotted path what is JSON already, and nothing else. The empty path is the body itself. */
export function jsonAtPath(path: string, json: string): string {
  if (path === '') return json;
  const [name, rest] = split(path);
  return `{${JSON.stringify(name)}:${jsonAtPath(rest, json)}}`;
}

/** The path as seen from `base` when it lies inside, else the path itself. */
export function pathWithin(base: string, path: string): string {
  return isWithin(base, path) && base !== '' ? path.slice(base.length + 1) : path;
}

/** Whether a path leads into what lies at `base`; everything lies in the body itself. */
export function isWithin(base: string, path: string): boolean {
  return base === '' || path.startsWith(`${base}.`);
}

/** The field that a path goes through first. The name of an annotation holds dots itself. */
export function topName(path: string): string {
  return path.startsWith('@') ? path : split(path)[0];
}

function split(path: string): [name: string, rest: string] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}
