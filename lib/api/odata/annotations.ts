import { InputError } from '../../errors';
import type { Fields } from '../../record/fields';

/** Names the type of the field before the `@`; of the record, where nothing stands there. OData 4.01 leaves `odata.` out. */
const TYPE = /^(.*)@(?:odata\.)?type$/;

/** What a service says about a record, and expects back from nobody: control information of OData JSON, section 4.6. */
const CONTROL =
  /@(?:odata\.)?(?:context|metadataEtag|etag|id|editLink|readLink|navigationLink|associationLink|count|nextLink|deltaLink|media(?:EditLink|ReadLink|Etag|ContentType))$/;

/** Vocabularies whose terms describe: texts to show, rights, units. They come with records that are passed on. */
const VOCABULARY =
  /@(?:OData|Org\.OData|Microsoft\.Dynamics\.CRM|Core|Common|Measures|Validation|Capabilities|UI|com\.sap\.vocabularies)\./;

/** V3 names the type of the record without "@". */
export const OF_RECORD_V3 = 'odata.type';

/** Whether an annotation says of what type a value is: a service may not be able to tell otherwise. */
export function isType(name: string): boolean {
  return name.includes('@') && TYPE.test(name);
}

/** The type annotations of what these changes write. */
export function typesOf(annotations: Fields, changes: Fields): Fields {
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => {
      if (name === OF_RECORD_V3) return true;
      const field = TYPE.exec(name)?.[1];
      return field === '' || (field !== undefined && Object.hasOwn(changes, field));
    }),
  );
}

/**
 * Refuses what would be left out though it says more than what a service says of its records by itself.
 * Throws InputError `CHANGES_INVALID`.
 */
export function checkAnnotations(changes: Fields, isSendable: (name: string) => boolean): void {
  for (const name of Object.keys(changes)) {
    if (!name.includes('@') || isSendable(name)) continue;
    if (isType(name)) checkType(name, changes);
    else if (!CONTROL.test(name) && !VOCABULARY.test(name)) {
      throw refused(
        name,
        'is an annotation that no update of this API sends',
        'Leave it out. Only the type of a field ("@odata.type") and a reference ("@odata.bind") go with the changes',
      );
    }
  }
}

function checkType(name: string, changes: Fields): void {
  const field = TYPE.exec(name)?.[1] ?? '';
  if (typeof changes[name] !== 'string') {
    throw refused(name, 'names no type', 'Give text such as "Collection(Edm.String)"');
  }
  if (field !== '' && !Object.hasOwn(changes, field)) {
    throw refused(
      name,
      `is the type of "${field}", which the changes do not write`,
      'Leave it out',
    );
  }
}

function refused(name: string, what: string, fix: string): InputError {
  return new InputError('CHANGES_INVALID', `"${name}" in the changes ${what}. ${fix}.`);
}
