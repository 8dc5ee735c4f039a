import type { UpdateMethod } from '../family';

/**
 * What the general REST family sends and how it reads the answers, as far as an API differs from what is usual: plain
 * data with a number of its form, so that it can be stored, and read by later versions. It stands beside the older
 * settings of the endpoint (`ApiSettings`: Version from, Version field, Path of the record, …), and every default means
 * "as those say".
 *
 * Templates hold placeholders: `{collection}`, `{key}`, and `{key.NAME}` for one field of a key of several.
 */
export interface ExchangeSettings {
  readonly v: 1;
  readonly address: AddressSettings;
  readonly media: MediaSettings;
  readonly read: ReadSettings;
  readonly write: WriteSettings;
  readonly version: VersionSettings;
  readonly answers: AnswerSettings;
}

export interface AddressSettings {
  /**
   * Path of a record below the base URL, for example `{collection}/{key}/`; empty: as "Address of a record" says,
   * `{collection}/{key}` or `{collection}({key})`. It holds `{key}` or a `{key.NAME}`.
   */
  readonly template: string;
  /** The same of writes, where they go elsewhere: `{collection}/_update/{key}`; empty: where the record is read. */
  readonly writeTemplate: string;
  /**
   * How a key stands in it. `usual`: as "Address of a record" says. `segment`: one step of a path, percent-encoded; a
   * slash is refused. `slash`: the same, with a slash as `%2F`. `path`: its slashes part steps. `odata`: as OData writes
   * literals, `'a'` or `1`, and a key of several fields as `K1='a',K2=1`.
   */
  readonly key: 'usual' | 'segment' | 'slash' | 'path' | 'odata';
  /**
   * Headers of reads and writes that say which record is meant: `x-ms-documentdb-partitionkey: ["{key}"]`. What
   * placeholders stand for is written as within a text of JSON, in ASCII.
   */
  readonly headers: Readonly<Record<string, string>>;
}

export interface MediaSettings {
  /** Accept of every request; empty: `application/json`, or what OData wants. */
  readonly accept: string;
  /** Content-Type of writes; empty: `application/json`. */
  readonly contentType: string;
  /**
   * What of a record is no data. `usual`: as "Address of a record" says. `odata-v3`: `odata.metadata` and `odata.type`
   * without `@`, and `<field>@odata.type`, which go back with a PUT. `none`: everything is data.
   */
  readonly annotations: 'usual' | 'odata-v3' | 'odata-v4' | 'none';
}

export interface ReadSettings {
  /** Parameters of reads only, such as `expand=none`; placeholders may stand in values. */
  readonly query: string;
  /** How the record lies at its path: as an object, or as text that holds JSON, bare or in Base64. */
  readonly record: 'object' | 'text' | 'base64';
}

export interface WriteSettings {
  /** Which updates it describes; empty: all. */
  readonly methods: readonly UpdateMethod[];
  /** Method on the wire; `update`: that of the update. */
  readonly method: 'update' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /** Header that tells which method is meant, such as `x-method-override`; empty: none. */
  readonly methodHeader: string;
  /** Its value; empty: the method of the update. */
  readonly methodValue: string;
  /** Further headers of writes only, no secrets: `{"patchtype": "MERGE"}`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of writes only; besides the placeholders `{fields}`, the names of the fields to change. */
  readonly query: string;
  /** Dotted path in the body at which the changes, or the whole record, go: `ticket`, `data.attributes`. */
  readonly path: string;
  /** What goes in the body besides, whatever the changes: `{"ticket": {"safe_update": true}}`. Text may hold placeholders. */
  readonly members: Readonly<Record<string, unknown>>;
}

export interface VersionSettings {
  /** Header of an answer that shows the version, with Version from ETag; empty: `ETag`. */
  readonly header: string;
  /**
   * Dotted paths of further fields of the body that make up the version together with Version field. All of them have
   * to be there.
   */
  readonly more: readonly string[];
  /**
   * Where it goes back. `usual`: as Version from and Sent back as say. `header`: into the headers `names`, `body`: to the
   * dotted paths `names` in the body, `query`: into the parameters `names`. `none`: the API checks no version, so only
   * a forced update is sent.
   */
  readonly to: 'usual' | 'header' | 'body' | 'query' | 'none';
  /** One for each version field, Version field first. */
  readonly names: readonly string[];
  /**
   * How it is written there. `entity-tag`: as an ETag, byte for byte, and nothing else is one. `as-read`: byte for byte,
   * whatever its form. `bare`: an ETag without its quotes and `W/`. `strong`: without `W/`. `quoted`: what is no ETag
   * goes in quotes.
   */
  readonly spelling: 'usual' | 'entity-tag' | 'as-read' | 'bare' | 'strong' | 'quoted';
  /** `next`: the number that follows the one that was read. */
  readonly step: 'same' | 'next';
}

/** What an answer means: one with such a status and such a text, case does not count. */
export interface Meaning {
  /** Empty: 400, 403, 409 and 422, if there is a text. */
  readonly statuses: readonly number[];
  /** Part of the error's code or message; empty: any. */
  readonly text: string;
}

export interface AnswerSettings {
  /** The record is in a state that does not allow the change. */
  readonly state: Meaning;
  /** The same write may go again. */
  readonly again: Meaning;
  /** The API asks to slow down. */
  readonly throttled: Meaning;
  /** Dotted path of what says in a 2xx that the version was outdated and nothing was written; empty: the body. */
  readonly refusedPath: string;
  /** Its value as JSON, for example `false` or `0`; empty: no 2xx says so. */
  readonly refusedValue: string;
  /** Dotted paths of the reason in the body of an error, numbers for places in lists: `errors.0.detail`; empty: it is looked for. */
  readonly errorMessage: string;
  readonly errorCode: string;
}

const NOTHING: Meaning = { statuses: [], text: '' };

/** As the older settings say. */
export const DEFAULT_EXCHANGE: ExchangeSettings = {
  v: 1,
  address: { template: '', writeTemplate: '', key: 'usual', headers: {} },
  media: { accept: '', contentType: '', annotations: 'usual' },
  read: { query: '', record: 'object' },
  write: {
    methods: [],
    method: 'update',
    methodHeader: '',
    methodValue: '',
    headers: {},
    query: '',
    path: '',
    members: {},
  },
  version: { header: '', more: [], to: 'usual', names: [], spelling: 'usual', step: 'same' },
  answers: {
    state: NOTHING,
    again: NOTHING,
    throttled: NOTHING,
    refusedPath: '',
    refusedValue: '',
    errorMessage: '',
    errorCode: '',
  },
};
