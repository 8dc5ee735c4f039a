import { canonical, isBlank, type FieldType } from './canonical';
import { isFields, type Fields } from './fields';

/**
 * Whether two values are the same, deep: arrays in order, objects whatever the order of their names. A declared type
 * holds for every value inside; a value it cannot read is compared exactly. Text and numbers are never equal without
 * a type, and undefined equals nothing.
 */
export function sameValue(a: unknown, b: unknown, type?: FieldType): boolean {
  if (type?.type === 'member') return sameMember(a, b, type.member);
  if (Array.isArray(a) && Array.isArray(b)) return sameItems(a, b, type);
  if (isFields(a) && isFields(b)) return sameFields(a, b, type);
  if (a === b) return a !== undefined;
  if (type === undefined) return false;
  if (isBlank(a, type) && isBlank(b, type)) return true;
  const spelling = canonical(a, type);
  return spelling !== undefined && spelling === canonical(b, type);
}

/** An object stands for one of its members where the other side holds no such object. */
function sameMember(a: unknown, b: unknown, name: string): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return sameItems(a, b, { type: 'member', member: name });
  const isWhole = isFields(a) && isFields(b);
  return isWhole ? sameFields(a, b) : sameValue(memberOf(a, name), memberOf(b, name));
}

function memberOf(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : value;
}

function sameItems(a: readonly unknown[], b: readonly unknown[], type?: FieldType): boolean {
  if (a.length !== b.length) return false;
  // Not `every`: it passes over holes.
  for (let index = 0; index < a.length; index += 1) {
    if (!sameValue(a[index], b[index], type)) return false;
  }
  return true;
}

function sameFields(a: Fields, b: Fields, type?: FieldType): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    // Own properties only: "constructor" must not find the prototype's.
    names.every(name => Object.hasOwn(b, name) && sameValue(a[name], b[name], type))
  );
}
