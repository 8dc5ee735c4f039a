import type { Fields } from '../records/field-types';

/** How the APIs take many records with one request; all of it can be changed while they run. */
export interface BulkSettings {
  /** Most parts of an OData batch, those in change sets included. Default 1000, as Dataverse has it. */
  maxParts: number;
  /** Most items of one bulk request for territory assignments. Default 200. */
  maxItems: number;
  /** Most bytes in the body of any request; more is answered 413. Default 4 MiB. */
  maxBodyBytes: number;
  /** Most characters of path and query; more is answered 414. Default 8192. */
  maxAddress: number;
  /** Most records on a page of a list. Default 5000. */
  pageSize: number;
  /** What the parts of a batch may take together, in milliseconds; latency on a part counts. Default 0: no limit. */
  executionMs: number;
  /** The answer to a batch beyond it: 429, or the 504 of a gateway that waited long enough. Default `throttled`. */
  overtime: 'throttled' | 'timeout';
  /** The answer to too many parts: 400, or 429 without Retry-After as SAP CAP gives it. Default `refused`. */
  tooMany: 'refused' | 'throttled';
  /** `as-asked`: by Prefer in OData V4, while V2 always goes on. Default. */
  onError: 'as-asked' | 'stop' | 'continue';
  /**
   * What the other members of a failed atomicity group show: 424, or the success that was rolled
   * back, as SAP CAP does. Default `424`.
   */
  siblings: '424' | 'success';
  /** Whether the one part that answers a failed change set has the Content-ID of its cause. Default true. */
  namesCause: boolean;
  /** Whether answers come in another order, where the protocol allows it. Default false. */
  shuffles: boolean;
  /** Whether If-Match of a part counts for nothing, as at SAP Business One. Default false. */
  ignoresIfMatch: boolean;
  /**
   * Batches are answered without `Preference-Applied`, and in multipart with a preamble, without
   * lengths, and without headers where there is no body. Default false.
   */
  isTerse: boolean;
  /** `x-ms-dop-hint` of the sales orders: requests to send in parallel; 0: no such header. Default 4. */
  dopHint: number;
}

export const DEFAULT_BULK: Readonly<BulkSettings> = {
  maxParts: 1000,
  maxItems: 200,
  maxBodyBytes: 4 * 1024 * 1024,
  maxAddress: 8192,
  pageSize: 5000,
  executionMs: 0,
  overtime: 'throttled',
  tooMany: 'refused',
  onError: 'as-asked',
  siblings: '424',
  namesCause: true,
  shuffles: false,
  ignoresIfMatch: false,
  isTerse: false,
  dopHint: 4,
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  overtime: ['throttled', 'timeout'],
  tooMany: ['refused', 'throttled'],
  onError: ['as-asked', 'stop', 'continue'],
  siblings: ['424', 'success'],
};
const MAY_BE_ZERO: readonly string[] = ['executionMs', 'dopHint'];

/** The settings to start with. Throws as `setBulk` does. */
export function bulkSettings(given: Readonly<Partial<BulkSettings>>): BulkSettings {
  const settings = { ...DEFAULT_BULK };
  setBulk(settings, given);
  return settings;
}

/** Sets what is named. Throws, naming the setting, on anything that it does not take; then none is set. */
export function setBulk(settings: BulkSettings, changes: Fields): void {
  for (const [name, value] of Object.entries(changes)) {
    const problem = problemOf(name, value);
    if (problem !== undefined) throw new Error(`${name}: ${problem}`);
  }
  Object.assign(settings, changes);
}

function problemOf(name: string, value: unknown): string | undefined {
  const known: unknown = Object.hasOwn(DEFAULT_BULK, name)
    ? DEFAULT_BULK[name as keyof BulkSettings]
    : undefined;
  switch (typeof known) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'number': {
      const least = MAY_BE_ZERO.includes(name) ? 0 : 1;
      const isFine = Number.isSafeInteger(value) && Number(value) >= least;
      return isFine ? undefined : `a whole number, ${String(least)} or more`;
    }
    case 'string': {
      const choices = CHOICES[name] ?? [];
      const isFine = typeof value === 'string' && choices.includes(value);
      return isFine ? undefined : `use one of ${choices.join(', ')}`;
    }
    default:
      return `use one of ${Object.keys(DEFAULT_BULK).join(', ')}`;
  }
}
