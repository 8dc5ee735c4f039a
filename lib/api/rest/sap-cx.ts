import { hasSucceeded, type Answer } from '../../outcome/answer';
import { withoutField } from '../../record/fields';
import { parseUnaltered } from '../../record/json';
import { valueAtPath } from '../body-path';
import type { ApiFamily } from '../family';
import { DEFAULT_API_SETTINGS } from '../settings';
import { createRest } from './rest';
import { tagOf } from './version-text';

const VERSION_FIELD = 'etag';

/**
 * Territory assignments of SAP CX: `assignments/T001`, the version in the field `etag` or in the header. A cache on
 * each node serves reads, so that one after a write may still show the record from before.
 */
export function createSapCx(): ApiFamily {
  const rest = createRest({ ...DEFAULT_API_SETTINGS, cacheHeader: 'X-Cache-Status' });
  return {
    ...rest,
    id: 'sap-cx',
    label: 'SAP CX',
    methods: ['PATCH', 'PUT'],
    noVersionFix:
      'SAP CX sends it in the field "etag" or in the ETag header of a single assignment. Check Records, for example "assignments", and whether a gateway in between removes the header.',
    versionOf: answer => bodyTag(answer) ?? rest.versionOf(answer),
    cleanChanges: changes => withoutField(changes, VERSION_FIELD),
  };
}

/** A long number is shown as text; what begins otherwise was text in the answer, too, which need not be parsed again. */
const MAY_BE_NUMBER = /^[-\d]/;

/** The field as entity tag: the header spells the same version in quotes. */
function bodyTag(answer: Answer): string | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const shown = valueAtPath(answer.json, VERSION_FIELD);
  const isText = typeof shown === 'string' && !MAY_BE_NUMBER.test(shown);
  return tagOf(isText ? shown : valueAtPath(parseUnaltered(answer.text), VERSION_FIELD));
}
