import { isETag } from '../../lib/record/version';

/** Before any record was written: what If-Unmodified-Since must refuse. */
const LONG_AGO = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** A version of the same shape as a real one that the record cannot have. */
export function impossibleVersion(version: string): string {
  if (!isETag(version) && version.endsWith('GMT')) return LONG_AGO;
  const zeroed = version.replace(/[0-9]/g, '0').replace(/[A-Za-z](?!\/")/g, 'a');
  if (zeroed !== version) return zeroed;
  const other = version.replace(/0/g, '1').replace(/a/g, 'b');
  return other === version ? version.replace(/"?$/, '0$&') : other;
}
