import { comparedAsEdm } from './compared-as';
import { annotationOf, keysOf, withBases, within, type Csdl } from './csdl';
import type { RecordField, StateOption } from './description';
import { sortedByName } from './description';
import { attributeOf, childNamed, childrenNamed, type XmlElement } from './xml';

/** The fields of an entity type, those that it inherits among them; empty where the document has no such type. */
export function fieldsOfType(csdl: Csdl, type: string): RecordField[] {
  const types = withBases(csdl, type);
  const keys = new Set(keysOf(types));
  const fields = types.flatMap(element => [...childrenNamed(element, 'Property')]);
  // An annotation names the type that has the property, or one that inherits it.
  const owners = [type, ...types.map(element => qualifiedName(csdl, element))];
  return sortedByName(fields.map(property => fieldOf(csdl, property, owners, keys)));
}

function qualifiedName({ entityTypes }: Csdl, element: XmlElement): string {
  for (const [name, known] of entityTypes) if (known === element) return name;
  return '';
}

function fieldOf(
  csdl: Csdl,
  property: XmlElement,
  owners: readonly string[],
  keys: ReadonlySet<string>,
): RecordField {
  const name = attributeOf(property, 'Name');
  const type = attributeOf(property, 'Type');
  const paths = owners.map(owner => `${owner}/${name}`);
  const comparedAs = comparedAsEdm(primitive(csdl, type));
  const states = statesOf(csdl, property, paths);
  const label = property.getAttribute('sap:label');
  return {
    name,
    type,
    isKey: keys.has(name),
    isReadOnly: isReadOnly(csdl, property, paths),
    ...(comparedAs === undefined ? {} : { comparedAs }),
    ...(states.length === 0 ? {} : { states }),
    ...(label === null ? {} : { label }),
  };
}

/** The type below its definition, and below `Collection(…)`: a type holds for every value inside. */
function primitive({ definitions, qualified }: Csdl, type: string): string {
  const item = /^Collection\((.*)\)$/.exec(type)?.[1] ?? type;
  return definitions.get(qualified(item)) ?? item;
}

/** Terms of a property that the service sets itself. */
const NOT_WRITTEN = ['Org.OData.Core.V1.Computed', 'Org.OData.Core.V1.Immutable'];

function isReadOnly(csdl: Csdl, property: XmlElement, paths: readonly string[]): boolean {
  if (property.getAttribute('sap:updatable') === 'false') return true;
  return NOT_WRITTEN.some(term => {
    const annotation = found(csdl, property, paths, term);
    // A tag stands for true.
    return annotation !== undefined && annotation.getAttribute('Bool') !== 'false';
  });
}

function found(
  csdl: Csdl,
  property: XmlElement,
  paths: readonly string[],
  term: string,
): XmlElement | undefined {
  for (const path of paths) {
    const annotation = annotationOf(csdl, property, path, term);
    if (annotation !== undefined) return annotation;
  }
  return undefined;
}

/** Members of an enumeration go over the wire by their names (OData V4 JSON); other values are annotated. */
function statesOf(csdl: Csdl, property: XmlElement, paths: readonly string[]): StateOption[] {
  const type = csdl.enumTypes.get(csdl.qualified(attributeOf(property, 'Type')));
  if (type !== undefined) {
    return [...childrenNamed(type, 'Member')].map(member => ({
      value: attributeOf(member, 'Name'),
    }));
  }
  const allowed = found(csdl, property, paths, 'Org.OData.Validation.V1.AllowedValues');
  const values = allowed === undefined ? undefined : childNamed(allowed, 'Collection');
  return values === undefined ? [] : [...childrenNamed(values, 'Record')].flatMap(allowedValue);
}

function allowedValue(record: XmlElement): StateOption[] {
  const [member] = [...childrenNamed(record, 'PropertyValue')].filter(
    part => attributeOf(part, 'Property') === 'Value',
  );
  if (member === undefined) return [];
  const text = written(member, 'String');
  const number = written(member, 'Int');
  const described = within(record, 'Annotation')?.getAttribute('String') ?? '';
  const label = described === '' ? {} : { label: described };
  if (text !== undefined) return [{ value: text, ...label }];
  return number === undefined ? [] : [{ value: Number(number), ...label }];
}

/** A constant stands in an attribute or in an element of its type. */
function written(member: XmlElement, type: string): string | undefined {
  return member.getAttribute(type) ?? within(member, type)?.textContent ?? undefined;
}
