import { createHash } from 'node:crypto';
import { parseBaseUrl } from '../../record/url';
import type { Time } from '../../retry/time';
import type { AuthSettings } from '../auth/settings';
import type { TransportSettings } from '../settings';
import { Admission, type AdmissionLease, type EntranceSettings } from './admission';

/** One admission for all endpoints that reach the same server with the same credential. */
export interface Admissions {
  /** Throws InputError `BASE_URL_INVALID` or `PARALLEL_INVALID`. */
  lease(settings: Pick<TransportSettings, 'baseUrl' | 'auth'> & EntranceSettings): AdmissionLease;
}

/** Admissions that are kept for as long as somebody holds a share in them. */
export function createAdmissions(time: Pick<Time, 'monotonic' | 'sleep'>): Admissions {
  const admissions = new Map<string, Admission>();
  return {
    lease: settings => {
      const key = keyOf(settings);
      const admission = admissions.get(key) ?? new Admission(time);
      const lease = admission.lease(settings);
      admissions.set(key, admission);
      const release = (): void => {
        lease.release();
        if (admission.isUnused && admissions.get(key) === admission) admissions.delete(key);
      };
      return { ...lease, release };
    },
  };
}

/** Holds no credential: a hash of it tells as well which are the same. */
function keyOf({ baseUrl, auth }: Pick<TransportSettings, 'baseUrl' | 'auth'>): string {
  const { origin } = parseBaseUrl(String(baseUrl));
  const credential = createHash('sha256')
    .update(JSON.stringify(identityOf(auth)))
    .digest('hex');
  return `${origin} ${credential}`;
}

/** What an API counts its requests by. */
function identityOf(auth: AuthSettings): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return [auth.kind];
    case 'basic':
      return [auth.kind, auth.user];
    case 'bearer':
      return [auth.kind, auth.token];
    case 'api-key':
      return [auth.kind, auth.header.toLowerCase(), auth.key];
    case 'oauth2':
      return [auth.kind, auth.tokenUrl, auth.clientId];
  }
}
