import type { ApiRequest, Reply } from '../http/reply';
import type { RecordApi } from '../records/record-api';
import { partAddress } from './part-address';
import type { Part } from './plan';
import type { BulkSettings } from './settings';

/** One OData service that takes `$batch`. */
export interface ODataService {
  readonly apis: readonly [RecordApi, ...RecordApi[]];
  /** What its root looks like, slash at the end included. */
  readonly root: RegExp;
  readonly version: 'V2' | 'V4';
  /** Whether the envelope of a batch that stopped has the status of the failure, as at Dataverse. */
  readonly failsAsWhole: boolean;
  /** A refusal with a message, as the service spells it. */
  readonly refuse: (status: number, code: string, message: string) => Reply;
  /** The refusal of an envelope without a session. Default: none is needed. */
  readonly admit?: (request: ApiRequest) => Reply | undefined;
  /** The refusal of a batch that takes too long. Default: any 429. */
  readonly overtime?: () => Reply;
}

/** What a body is read with. */
export interface Reading {
  readonly service: ODataService;
  readonly settings: Readonly<BulkSettings>;
  readonly seed: number;
  readonly request: ApiRequest;
  /** Whether the sender wants to go on after an error; undefined: it does not say. */
  readonly continues: boolean | undefined;
  /** The part for one operation. */
  part(id: string, method: string, url: string, rest: PartContent): Part;
  readonly refuse: (message: string) => Reply;
}

export interface PartContent {
  readonly headers: ApiRequest['headers'];
  readonly body: string;
}

/** The root of the service that a path ending in `$batch` belongs to. */
export function rootOf(path: string): string {
  return path.slice(0, -'$batch'.length);
}

export function readingOf(
  request: ApiRequest,
  service: ODataService,
  settings: Readonly<BulkSettings>,
  seed: number,
): Reading {
  const place = { host: request.headers.host ?? '127.0.0.1', root: rootOf(request.path) };
  const refuse = (message: string): Reply => service.refuse(400, '', message);
  return {
    service,
    settings,
    seed,
    request,
    continues: continuation(request),
    refuse,
    part: (id, method, url, { headers, body }) => {
      const address = partAddress(url, place);
      const isFine = !('problem' in address);
      const { path, query } = isFine ? address : { path: place.root, query: '' };
      const part = { id, request: { method, path, query, headers, body } };
      return isFine ? part : { ...part, refusal: refuse(address.problem) };
    },
  };
}

/** `Prefer: odata.continue-on-error`, in 4.01 without `odata.`, with or without a value. */
function continuation({ headers }: ApiRequest): boolean | undefined {
  const prefer = String(headers.prefer ?? '');
  const [whole, value] = /(?:odata\.)?continue-on-error(?:\s*=\s*"?(\w+)"?)?/i.exec(prefer) ?? [];
  return whole === undefined ? undefined : value?.toLowerCase() !== 'false';
}

/** Whether units are left out after one that failed; `byDefault` counts where the sender does not say. */
export function stopsAtError(
  { service, settings, continues }: Reading,
  byDefault: boolean,
): boolean {
  if (settings.onError !== 'as-asked') return settings.onError === 'stop';
  return service.version === 'V4' && (continues === undefined ? byDefault : !continues);
}

/** `Preference-Applied`, where the sender said what to do after an error and that is done (OData Protocol 8.3.7). */
export function appliedPreference(reading: Reading): Reply['headers'] {
  const { service, settings, continues } = reading;
  if (service.version === 'V2' || continues === undefined || settings.isTerse) return {};
  if (stopsAtError(reading, !continues) === continues) return {};
  const value = continues ? '' : '=false';
  return { 'preference-applied': `odata.continue-on-error${value}` };
}
