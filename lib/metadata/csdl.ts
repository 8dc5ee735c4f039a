import type { Announced, NoDescription, RecordSet } from './description';
import { sortedByName } from './description';
import { attributeOf, childNamed, childrenNamed, type XmlElement } from './xml';

/** The protocol of a service: V2 stands for V3, too, whose document is the same. */
export type ODataVersion = 'V2' | 'V4';

/** A `$metadata` document (OData CSDL in XML), with what it holds by qualified name. */
export interface Csdl {
  readonly version: ODataVersion;
  readonly sets: readonly RecordSet[];
  readonly entityTypes: ReadonlyMap<string, XmlElement>;
  readonly enumTypes: ReadonlyMap<string, XmlElement>;
  /** Name of the type that one stands for. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Annotations that stand apart from what they are about, by its path. */
  readonly annotations: ReadonlyMap<string, readonly XmlElement[]>;
  /** A name with its alias written out. */
  readonly qualified: (name: string) => string;
}

const EDMX_V4 = 'http://docs.oasis-open.org/odata/ns/edmx';
const EDMX_V2 = 'http://schemas.microsoft.com/ado/2007/06/edmx';

/** Deeper than any model: a type that inherits from itself would never end. */
const MOST_BASES = 50;

/**
 * Reads a document.
 * @param root of the document
 * @param expected what the endpoint speaks; undefined: either
 */
export function readCsdl(root: XmlElement, expected?: ODataVersion): Csdl | NoDescription {
  const version = versionOf(root);
  if (version === undefined) return root.localName.toLowerCase() === 'html' ? 'page' : 'unreadable';
  if (expected !== undefined && expected !== version) return 'other-version';
  const schemas = [...childrenNamed(root, 'DataServices')].flatMap(services => [
    ...childrenNamed(services, 'Schema'),
  ]);
  const qualified = qualifier(root, schemas);
  const parts = indexed(schemas, qualified);
  const csdl = { ...parts, version, qualified };
  const sets = sortedByName(setsOf(csdl, parts.containers));
  return sets.length === 0 ? 'empty' : { ...csdl, sets };
}

function versionOf({ localName, namespaceURI }: XmlElement): ODataVersion | undefined {
  if (localName !== 'Edmx') return undefined;
  if (namespaceURI === EDMX_V4) return 'V4';
  return namespaceURI === EDMX_V2 ? 'V2' : undefined;
}

/** Namespaces hold dots, so that a name ends behind its last one. */
function split(name: string): readonly [namespace: string, name: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
}

function qualifier(root: XmlElement, schemas: readonly XmlElement[]): (name: string) => string {
  const namespaces = new Map<string, string>();
  const includes = [...childrenNamed(root, 'Reference')].flatMap(reference => [
    ...childrenNamed(reference, 'Include'),
  ]);
  for (const element of [...includes, ...schemas]) {
    const alias = attributeOf(element, 'Alias');
    if (alias !== '') namespaces.set(alias, attributeOf(element, 'Namespace'));
  }
  return name => {
    const [prefix, rest] = split(name);
    const namespace = namespaces.get(prefix);
    return namespace === undefined ? name : `${namespace}.${rest}`;
  };
}

type Indexed = Pick<Csdl, 'entityTypes' | 'enumTypes' | 'definitions' | 'annotations'> & {
  readonly containers: ReadonlyMap<string, XmlElement>;
};

function indexed(schemas: readonly XmlElement[], qualified: (name: string) => string): Indexed {
  const entityTypes = new Map<string, XmlElement>();
  const enumTypes = new Map<string, XmlElement>();
  const definitions = new Map<string, string>();
  const containers = new Map<string, XmlElement>();
  const annotations = new Map<string, XmlElement[]>();
  for (const schema of schemas) {
    const namespace = attributeOf(schema, 'Namespace');
    for (let part = schema.firstElementChild; part !== null; part = part.nextElementSibling) {
      const name = `${namespace}.${attributeOf(part, 'Name')}`;
      if (part.localName === 'EntityType') entityTypes.set(name, part);
      else if (part.localName === 'EnumType') enumTypes.set(name, part);
      else if (part.localName === 'EntityContainer') containers.set(name, part);
      else if (part.localName === 'TypeDefinition') {
        definitions.set(name, attributeOf(part, 'UnderlyingType'));
      } else if (part.localName === 'Annotations') {
        const target = targetOf(part, qualified);
        const known = annotations.get(target) ?? [];
        known.push(part);
        annotations.set(target, known);
      }
    }
  }
  return { entityTypes, enumTypes, definitions, containers, annotations };
}

/** What is before the slash of `SELF.Container/Orders` may be an alias. */
function targetOf(annotations: XmlElement, qualified: (name: string) => string): string {
  const [owner = '', ...rest] = attributeOf(annotations, 'Target').split('/');
  return [qualified(owner), ...rest].join('/');
}

/** Annotations of something, wherever they stand, by a term such as `Org.OData.Core.V1.Computed`. */
export function annotationOf(
  { annotations, qualified }: Pick<Csdl, 'annotations' | 'qualified'>,
  element: XmlElement,
  path: string,
  term: string,
): XmlElement | undefined {
  for (const holder of [element, ...(annotations.get(path) ?? [])]) {
    for (const annotation of childrenNamed(holder, 'Annotation')) {
      if (isTerm(qualified(attributeOf(annotation, 'Term')), term)) return annotation;
    }
  }
  return undefined;
}

/** A service may use an alias such as `Core` without saying what it stands for. */
function isTerm(name: string, term: string): boolean {
  const [namespace, rest] = split(term);
  const usual = namespace.split('.').at(-2) ?? '';
  return name === term || name === `${usual}.${rest}`;
}

type Types = Pick<Csdl, 'version' | 'entityTypes' | 'annotations' | 'qualified'>;

function setsOf(csdl: Types, containers: ReadonlyMap<string, XmlElement>): RecordSet[] {
  return [...chosen(containers)].flatMap(([name, container]) =>
    [...childrenNamed(container, 'EntitySet')].map(set => setOf(csdl, set, name)),
  );
}

/** Where a container is the default, sets of others have longer addresses (OData V2). */
function chosen(containers: ReadonlyMap<string, XmlElement>): Iterable<[string, XmlElement]> {
  const byDefault = [...containers].filter(
    ([, container]) => container.getAttribute('m:IsDefaultEntityContainer') === 'true',
  );
  return byDefault.length > 0 ? byDefault : containers;
}

function setOf(csdl: Types, set: XmlElement, container: string): RecordSet {
  const name = attributeOf(set, 'Name');
  const type = csdl.qualified(attributeOf(set, 'EntityType'));
  const types = withBases(csdl, type);
  const label = set.getAttribute('sap:label');
  return {
    name,
    type,
    keys: keysOf(types),
    protection: protectionOf(csdl, set, `${container}/${name}`, types),
    ...(label === null ? {} : { label }),
  };
}

/** A type with those that it inherits from, the first of them first. */
export function withBases(
  { entityTypes, qualified }: Pick<Csdl, 'entityTypes' | 'qualified'>,
  name: string,
): XmlElement[] {
  const found: XmlElement[] = [];
  let type = entityTypes.get(name);
  while (type !== undefined && !found.includes(type) && found.length < MOST_BASES) {
    found.unshift(type);
    const base = type.getAttribute('BaseType');
    type = base === null ? undefined : entityTypes.get(qualified(base));
  }
  return found;
}

/** One type of them has the key. */
export function keysOf(types: readonly XmlElement[]): string[] {
  const keys = types.flatMap(type => [...childrenNamed(type, 'Key')]);
  return keys.flatMap(key =>
    [...childrenNamed(key, 'PropertyRef')].map(part => attributeOf(part, 'Name')),
  );
}

const OPTIMISTIC = 'Org.OData.Core.V1.OptimisticConcurrency';

function protectionOf(
  csdl: Types,
  set: XmlElement,
  path: string,
  types: readonly XmlElement[],
): Announced {
  const isAnnounced =
    csdl.version === 'V4'
      ? annotationOf(csdl, set, path, OPTIMISTIC) !== undefined
      : types.some(hasFixedProperty);
  return isAnnounced ? 'announced' : 'not-announced';
}

function hasFixedProperty(type: XmlElement): boolean {
  for (const property of childrenNamed(type, 'Property')) {
    if (property.getAttribute('ConcurrencyMode') === 'Fixed') return true;
  }
  return false;
}

/** The first element of that name below another one, however deep. */
export function within(element: XmlElement, name: string): XmlElement | undefined {
  const own = childNamed(element, name);
  if (own !== undefined) return own;
  for (let child = element.firstElementChild; child !== null; child = child.nextElementSibling) {
    const found = within(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
