import type { Field } from '../records/field-types';
import type { DescribedSet } from './sets';

/** The `$metadata` of OData V4; names of types are written with an alias. */
export function csdlV4(namespace: string, sets: readonly DescribedSet[]): string {
  const types = sets.map(described => entityType(described, 'V4', ''));
  const members = sets.map(({ set, type, keys, hasVersions }) => {
    const versions = hasVersions ? optimistic(keys) : '';
    return `<EntitySet Name="${set}" EntityType="Self.${type}">${versions}</EntitySet>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:Reference Uri="https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml"><edmx:Include Alias="Core" Namespace="Org.OData.Core.V1"/></edmx:Reference>
<edmx:DataServices><Schema Namespace="${namespace}" Alias="Self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
${sets.flatMap(enumTypes).join('\n')}
${types.join('\n')}
<EntityContainer Name="Container">
${members.join('\n')}
</EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>`;
}

/** The `$metadata` of OData V2, as SAP Gateway writes it. */
export function csdlV2(namespace: string, sets: readonly DescribedSet[]): string {
  const types = sets.map(described => {
    const fixed = described.hasVersions ? ' ConcurrencyMode="Fixed"' : '';
    return entityType(described, 'V2', fixed);
  });
  const members = sets.map(
    ({ set, type }) => `<EntitySet Name="${set}" EntityType="${namespace}.${type}"/>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">
<edmx:DataServices m:DataServiceVersion="2.0"><Schema Namespace="${namespace}" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
${types.join('\n')}
<EntityContainer Name="${namespace}_Entities" m:IsDefaultEntityContainer="true">
${members.join('\n')}
</EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>`;
}

function optimistic(keys: readonly string[]): string {
  const paths = keys.map(key => `<PropertyPath>${key}</PropertyPath>`);
  return `<Annotation Term="Core.OptimisticConcurrency"><Collection>${paths.join('')}</Collection></Annotation>`;
}

/** Text that may be one of a few is an enumeration; V2 has none. */
function enumTypes({ type, schema }: DescribedSet): string[] {
  return Object.entries(schema).flatMap(([name, field]) => {
    if (!isEnum(field)) return [];
    const members = field.options.map(
      (option, index) => `<Member Name="${String(option)}" Value="${String(index)}"/>`,
    );
    return [`<EnumType Name="${type}_${name}">${members.join('')}</EnumType>`];
  });
}

function isEnum(field: Field): field is Extract<Field, { readonly type: 'option' }> {
  return field.type === 'option' && field.options.every(option => typeof option === 'string');
}

function entityType(
  { type, keys, schema }: DescribedSet,
  version: 'V2' | 'V4',
  fixed: string,
): string {
  const refs = keys.map(key => `<PropertyRef Name="${key}"/>`);
  const names = Object.keys(schema);
  // The property that carries the version is the last one.
  const properties = Object.entries(schema).map(([name, field]) => {
    const own = name === names.at(-1) ? fixed : '';
    const kind = version === 'V4' ? typeV4(type, name, field) : typeV2(field);
    return `<Property Name="${name}" Type="${kind}"${own}${readOnly(field, version)}`;
  });
  return `<EntityType Name="${type}"><Key>${refs.join('')}</Key>${properties.join('')}</EntityType>`;
}

function readOnly({ readOnly: isReadOnly }: Field, version: 'V2' | 'V4'): string {
  if (isReadOnly !== true) return '/>';
  return version === 'V2'
    ? ' sap:updatable="false"/>'
    : '><Annotation Term="Core.Computed" Bool="true"/></Property>';
}

function typeV4(type: string, name: string, field: Field): string {
  switch (field.type) {
    case 'option':
      return isEnum(field) ? `Self.${type}_${name}` : 'Edm.Int32';
    case 'date':
      return 'Edm.Date';
    default:
      return EDM[field.type];
  }
}

function typeV2(field: Field): string {
  if (field.type === 'option') return isEnum(field) ? 'Edm.String' : 'Edm.Int32';
  return field.type === 'date' ? 'Edm.DateTime' : EDM[field.type];
}

const EDM = {
  text: 'Edm.String',
  integer: 'Edm.Int64',
  decimal: 'Edm.Decimal',
  guid: 'Edm.Guid',
  'date-time': 'Edm.DateTimeOffset',
} as const;
