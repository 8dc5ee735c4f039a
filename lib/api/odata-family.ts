import type { ODataKeyOptions } from '../record/key';
import type { ApiFamily } from './family';
import { locateOData, odataChanges, odataErrorOf, odataValuesOf, odataVersionOf } from './odata';
import { selectOption, withOptions, type ODataProfile } from './odata-profile';
import { odataActionUrl, odataWriteHeaders, odataWriteRequest } from './odata-write';
import { sentWith } from './precondition';

/** An API family that speaks OData as the profile says. */
export function createODataFamily(profile: ODataProfile): ApiFamily {
  const { format, options, readName } = profile;
  const headers = odataWriteHeaders(profile);
  const readHeaders = { ...format.headers, 'Cache-Control': 'no-cache' };
  return {
    id: profile.id,
    label: profile.label,
    methods: profile.methods,
    takesActions: profile.takesActions,
    canForce: true,
    practicePath: profile.practicePath,
    needsCsrfToken: profile.needsCsrfToken,
    noVersionFix: profile.noVersionFix,
    rows: profile.rows,
    sendsOnlyDifferences: profile.sendsOnlyDifferences,
    missingMeansNull: false,
    locate: (baseUrl, collection, key) => {
      const sent = profile.canonicalKey(key);
      const ref = locateOData(baseUrl, collection, sent, keyOptions(profile, collection));
      return { ...ref, key };
    },
    keyField: profile.keyField,
    actionUrl: odataActionUrl,
    readRequest: (ref, fields = []) => ({
      method: 'GET',
      url: withOptions(ref.url, [...options, ...selectOption(fields.map(readName))]),
      headers: readHeaders,
    }),
    writeRequest: plan => odataWriteRequest(profile, headers, plan),
    sent: sentWith,
    versionOf: answer => odataVersionOf(answer, format),
    valuesOf: answer => odataValuesOf(answer, format),
    errorOf: odataErrorOf,
    readName,
    fieldType: profile.fieldType,
    cleanChanges: changes => odataChanges(changes, format),
  };
}

function keyOptions({ format, keyField }: ODataProfile, collection: string): ODataKeyOptions {
  const primaryKey = keyField(collection);
  return {
    ...(primaryKey === undefined ? {} : { primaryKey }),
    ...(format.guid === undefined ? {} : { guid: format.guid }),
  };
}
