import { createHash } from 'node:crypto';
import { InputError } from '../../errors';
import { parseBaseUrl, type BaseUrl } from '../../record/url';
import type { Time } from '../../retry/time';
import { AbortWatch } from '../abort-watch';
import type { AuthSettings, ClientAssertion, ClientSecret } from '../auth/settings';
import { AdaptiveLimit } from './adaptive-limit';
import { FairQueue, type Entrance } from './fair-queue';
import { createThrottleGate, type ThrottleGate } from './gate';
import { Semaphore } from './semaphore';

/** How much one endpoint wants to send. */
export interface EntranceSettings {
  /** Most updates that are under way at a time. Absent: no limit. */
  readonly parallel?: number | undefined;
  /** Most updates that wait for their first place. Absent: no limit. */
  readonly maxWaiting?: number | undefined;
  /** Longest wait for the first place, milliseconds. Absent: no limit. */
  readonly maxWaitMs?: number | undefined;
}

/** An endpoint's share in the admission. */
export interface AdmissionLease {
  readonly admission: Admission;
  readonly entrance: Entrance;
  /** Its numbers count no more. Calling it again changes nothing. */
  release(): void;
}

/**
 * Who may send to one API with one credential: nobody while the API throttles, and so many at a time. Of several
 * endpoints with different numbers the lowest counts, because the API counts them as one.
 */
export class Admission {
  readonly gate: ThrottleGate;
  readonly limit: AdaptiveLimit;
  readonly places: Semaphore;
  readonly #queue: FairQueue;
  readonly #shares = new Set<EntranceSettings>();
  #maxWaiting = Infinity;

  constructor(time: Pick<Time, 'monotonic' | 'sleep'>, gate = createThrottleGate(time)) {
    this.gate = gate;
    const limit = new AdaptiveLimit(Infinity);
    const aborts = new AbortWatch();
    const onFree = (): void => {
      queue.serve();
    };
    const places = new Semaphore({ limit: () => limit.limit, aborts, onFree });
    const maxWaiting = (): number => this.#maxWaiting;
    const queue = new FairQueue({ places, gate, time, aborts, maxWaiting });
    this.limit = limit;
    this.places = places;
    this.#queue = queue;
  }

  /** How many updates wait for their first place. */
  get waiting(): number {
    return this.#queue.size;
  }

  get isUnused(): boolean {
    return this.#shares.size === 0;
  }

  /** Throws InputError `PARALLEL_INVALID`. */
  lease(settings: EntranceSettings): AdmissionLease {
    const { parallel, maxWaitMs } = settings;
    if (parallel !== undefined) checkParallel(parallel);
    // A copy: the same settings count twice for two endpoints.
    const share = { ...settings };
    this.#shares.add(share);
    this.#count();
    const release = (): void => {
      if (!this.#shares.delete(share)) return;
      this.#count();
    };
    return { admission: this, entrance: this.#queue.entrance(maxWaitMs), release };
  }

  #count(): void {
    const shares = [...this.#shares];
    this.limit.full = Math.min(...shares.map(({ parallel = Infinity }) => parallel));
    this.#maxWaiting = Math.min(...shares.map(({ maxWaiting = Infinity }) => maxWaiting));
    this.places.letIn();
  }
}

function checkParallel(parallel: number): void {
  if (Number.isInteger(parallel) && parallel >= 1) return;
  throw new InputError(
    'PARALLEL_INVALID',
    'The number of parallel requests is not usable: give a whole number, 1 or more.',
  );
}

/** What tells one credential of a server from another. */
interface CredentialSettings {
  readonly baseUrl: BaseUrl;
  readonly auth: AuthSettings;
}

/** One admission for all endpoints that reach the same server with the same credential. */
export interface Admissions {
  /** Throws InputError `BASE_URL_INVALID` or `PARALLEL_INVALID`. */
  lease(settings: CredentialSettings & EntranceSettings): AdmissionLease;
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
function keyOf({ baseUrl, auth }: CredentialSettings): string {
  const { origin } = parseBaseUrl(String(baseUrl));
  const credential = createHash('sha256')
    .update(JSON.stringify(identityOf(auth)))
    .digest('hex');
  return `${origin} ${credential}`;
}

/** What an API counts its requests by. */
function identityOf(auth: AuthSettings): readonly string[] {
  const { also } = auth;
  const own = signInOf(auth);
  return also === undefined ? own : [...own, also.header.toLowerCase(), also.value];
}

function signInOf(auth: AuthSettings): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return [auth.kind];
    case 'basic':
      return [auth.kind, auth.user];
    case 'bearer':
      return [auth.kind, auth.token];
    case 'api-key':
      return [auth.kind, auth.header.toLowerCase(), auth.key];
    case 'api-key-query':
      return [auth.kind, auth.parameter, auth.key];
    case 'oauth2':
      return [auth.kind, auth.tokenUrl, auth.clientId, ...subjectOf(auth.client)];
  }
}

/** A grant may ask for somebody else. */
function subjectOf(client: ClientSecret | ClientAssertion): string[] {
  return 'subject' in client && client.subject ? [client.subject] : [];
}
