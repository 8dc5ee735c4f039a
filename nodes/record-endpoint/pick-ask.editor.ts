import type { FamilyId } from '../../lib/api/family-ids';
import type { RecordField } from '../../lib/metadata/description';
import type { RecordKey } from '../../lib/record/fields';
import { translator } from '../shared/editor/translate';
import type { TextKey } from '../shared/text-key';

const t = translator('record-endpoint');

/** Why there is no list, in words. */
export class Trouble extends Error {}

/** The same by a key of the catalogue. */
export function trouble(key: TextKey, values?: Readonly<Record<string, string>>): Trouble {
  return new Trouble(t(key, values));
}

/** An endpoint as the editor knows it: deployed or not. */
export interface EditedEndpoint {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly family: FamilyId;
  readonly server: string;
  readonly baseUrl: string;
  readonly odataVersion: string;
}

/** The node behind the shape, as far as it is needed. */
interface EditorSide {
  readonly changed?: boolean;
  readonly credentials?: Readonly<Record<string, unknown>>;
  readonly _def: {
    readonly defaults: Readonly<Record<string, { readonly value: unknown }>>;
    readonly credentials?: object;
  };
}

/** Undefined: none is chosen, or it is gone. */
export function endpointAt(id: string): EditedEndpoint | undefined {
  const node = RED.nodes.node(id) as unknown as EditedEndpoint | null | undefined;
  return node?.type === 'record-endpoint' ? node : undefined;
}

/** What the runtime answers, as `describe.ts` has it. */
export interface DescribedAnswer {
  /** What stood in the way. */
  readonly trouble?: Said;
  readonly text?: string;
  readonly fields?: readonly RecordField[];
}

interface Said {
  readonly code: string;
  readonly message: string;
}

export type Asked = Readonly<Record<string, string>> | SampleAsked;

interface SampleAsked {
  readonly what: 'sample';
  readonly collection: string;
  readonly key: RecordKey;
}

/** Asks the API of an endpoint. Rejects with Trouble. */
export function askApi(endpoint: EditedEndpoint, asked: Asked): Promise<DescribedAnswer> {
  return new Promise((resolve, reject) => {
    // jQuery with a relative address: only so does the request carry the login of the editor.
    $.ajax({
      url: `record-updates/endpoint/${encodeURIComponent(endpoint.id)}/describe`,
      method: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ asked, ...notDeployed(endpoint) }),
    })
      .done((answer: DescribedAnswer) => {
        if (answer.trouble === undefined) resolve(answer);
        else reject(saidBy(answer.trouble));
      })
      .fail(answer => {
        reject(reasonOf(answer));
      });
  });
}

/** What the editor shows in place of a stored secret. */
const STORED_SECRET = '__PWRD__';

/** Settings that were changed since the last deploy go along; what is deployed needs none. */
function notDeployed(endpoint: EditedEndpoint): object {
  const { changed, credentials = {}, _def } = endpoint as unknown as EditorSide;
  if (changed !== true) return {};
  const own = endpoint as unknown as Readonly<Record<string, unknown>>;
  const config = Object.entries(_def.defaults).map(([name, { value }]) => [
    name,
    own[name] ?? value,
  ]);
  const typed = Object.entries(credentials).filter(
    ([name, value]) =>
      name in (_def.credentials ?? {}) &&
      typeof value === 'string' &&
      value !== '' &&
      value !== STORED_SECRET,
  );
  return { config: Object.fromEntries(config) as object, credentials: Object.fromEntries(typed) };
}

function reasonOf(answer: JQuery.jqXHR): Trouble {
  const body = answer.responseJSON as { error?: Said } | undefined;
  if (body?.error?.message !== undefined) return saidBy(body.error);
  if (answer.status === 401 || answer.status === 403) {
    return trouble('record-endpoint.errors.permission');
  }
  if (answer.status === 404) return trouble('record-endpoint.errors.no-route');
  return trouble('record-endpoint.errors.no-answer', { status: String(answer.status) });
}

/** The engine speaks English; a catalogue of another language may say the same by the code. */
function saidBy({ code, message }: Said): Trouble {
  return trouble(`engine.${code}`, { message, defaultValue: message });
}
