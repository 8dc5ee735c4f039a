import { isFields, setOwn, type Fields } from '../../record/fields';
import { stringifyLossless } from '../../record/json';
import { encodeODataKey, encodePathKey, type ODataKeyOptions } from '../../record/key';
import { mergePatch } from '../../record/merge';
import { collectionPath, recordUrl, urlBelow, type BaseUrl } from '../../record/url';
import type { RecordRef } from '../../record/ref';
import { InputError } from '../../errors';
import { valueAtPath, withValueAtPath } from '../body-path';
import type { WireRequest } from '../../transport/transport';
import type { UpdateMethod } from '../family';
import { locateOData, ODATA_V2, ODATA_V3, ODATA_V4, type ODataFormat } from '../odata/odata-format';
import type { ApiSettings } from '../settings';
import { compileAddress, filledText, type AddressTemplate, type Filling } from './address';
import type { AddressSettings } from './exchange';
import { asStoredText } from './record-in';
import { placeholdersIn } from './template';
import { versionEvidence, type VersionEvidence } from './version';

/** The settings of an endpoint, taken apart once for all of its requests. */
export interface RestExchange {
  readonly settings: ApiSettings;
  /** How a record is carried; undefined for plain JSON. */
  readonly format: ODataFormat | undefined;
  readonly evidence: VersionEvidence;
  readonly readHeaders: WireRequest['headers'];
  readonly actionHeaders: WireRequest['headers'];
  /** Of writes of fields. */
  readonly updateHeaders: Readonly<Record<UpdateMethod, WireRequest['headers']>>;
  /** Of reads and writes, for the record they are about; undefined: none. */
  readonly recordHeaders: ((about: Filling) => WireRequest['headers']) | undefined;
  /** Parameters of reads, and of writes of fields; empty: none. */
  readonly readQuery: (about: Filling) => string;
  readonly writeQuery: (about: Filling) => string;
  /** What goes around the fields; undefined: nothing. */
  readonly envelope: ((fields: Fields, about: Filling) => Fields) | undefined;
  readonly locate: (baseUrl: BaseUrl, collection: string, key: RecordRef['key']) => RecordRef;
  /** Where a record is written. */
  readonly writeUrl: (ref: RecordRef) => string;
}

/** Takes settings that have been checked. */
export function compileExchange(settings: ApiSettings): RestExchange {
  const { read, write, media } = settings.exchange;
  const format = formatOf(settings);
  const accept = media.accept === '' ? {} : { Accept: media.accept };
  const common = { ...(format?.headers ?? { Accept: 'application/json' }), ...accept };
  const type = media.contentType === '' ? 'application/json' : media.contentType;
  const evidence = versionEvidence(settings);
  // What carries the version has its place already: V8 takes microseconds to copy an object with one member more.
  const places = Object.fromEntries(evidence.headerNames.map(name => [name, '']));
  const actionHeaders = { ...common, 'Content-Type': type, ...places };
  const updateHeaders = (method: UpdateMethod): WireRequest['headers'] => ({
    ...actionHeaders,
    ...write.headers,
    ...override(method, settings),
  });
  return {
    settings,
    format,
    evidence,
    readHeaders: { ...common, 'Cache-Control': 'no-cache' },
    actionHeaders,
    updateHeaders: {
      PATCH: updateHeaders('PATCH'),
      PUT: updateHeaders('PUT'),
      MERGE: updateHeaders('MERGE'),
    },
    recordHeaders: recordHeadersOf(settings),
    readQuery: queryOf(read.query),
    writeQuery: queryOf(write.query),
    envelope: envelopeOf(settings),
    ...addressesOf(settings, format),
  };
}

/** Says which method is meant, where another one stands on the wire. */
function override(method: UpdateMethod, { exchange }: ApiSettings): WireRequest['headers'] {
  const { methodHeader, methodValue } = exchange.write;
  return methodHeader === '' ? {} : { [methodHeader]: methodValue === '' ? method : methodValue };
}

/** V2 is told by the envelope `d` around its records. */
function formatOf({ keyStyle, recordPath, exchange }: ApiSettings): ODataFormat | undefined {
  switch (exchange.media.annotations) {
    case 'none':
      return undefined;
    case 'odata-v3':
      return ODATA_V3;
    case 'odata-v4':
      return ODATA_V4;
    case 'usual':
      if (keyStyle !== 'odata') return undefined;
      return recordPath === 'd' ? ODATA_V2 : ODATA_V4;
  }
}

function queryOf(template: string): (about: Filling) => string {
  if (placeholdersIn(template).length === 0) return () => template;
  return about => filledText(template, about, encodeURIComponent);
}

function recordHeadersOf({ exchange }: ApiSettings): RestExchange['recordHeaders'] {
  const headers = Object.entries(exchange.address.headers);
  if (headers.length === 0) return undefined;
  return about =>
    Object.fromEntries(headers.map(([name, value]) => [name, filledText(value, about, inJson)]));
}

/** As it stands within a text of JSON, in ASCII: nothing else fits into a header. */
function inJson(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return escaped.replaceAll(
    /[^\x20-\x7e]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

type Addresses = Pick<RestExchange, 'locate' | 'writeUrl'>;

function addressesOf(settings: ApiSettings, format: ODataFormat | undefined): Addresses {
  const { template, writeTemplate } = settings.exchange.address;
  const options = format?.guid === undefined ? {} : { guid: format.guid };
  const style = keyStyleOf(settings);
  const own = template === '' ? undefined : compileAddress(template, style, options);
  const locate = own === undefined ? usualLocate(settings, options) : locateBy(own);
  if (writeTemplate === '') return { locate, writeUrl: ({ url }) => url };
  const read = own ?? usualAddress(settings, options);
  return { locate, writeUrl: besides(read, compileAddress(writeTemplate, style, options)) };
}

function keyStyleOf({ keyStyle, exchange }: ApiSettings): Exclude<AddressSettings['key'], 'usual'> {
  const { key } = exchange.address;
  if (key !== 'usual') return key;
  return keyStyle === 'odata' ? 'odata' : 'segment';
}

function locateBy(address: AddressTemplate): RestExchange['locate'] {
  return (baseUrl, collection, key) => ({
    collection,
    key,
    url: urlBelow(baseUrl, address(collection, key)),
  });
}

function usualLocate({ keyStyle }: ApiSettings, options: ODataKeyOptions): RestExchange['locate'] {
  if (keyStyle === 'odata') {
    return (baseUrl, collection, key) => locateOData(baseUrl, collection, key, options);
  }
  return (baseUrl, collection, key) => ({
    collection,
    key,
    url: recordUrl(baseUrl, collection, encodePathKey(key)),
  });
}

function usualAddress({ keyStyle }: ApiSettings, options: ODataKeyOptions): AddressTemplate {
  return keyStyle === 'odata'
    ? (collection, key) => `${collectionPath(collection)}${encodeODataKey(key, options)}`
    : (collection, key) => `${collectionPath(collection)}/${encodePathKey(key)}`;
}

/** The address of a write, below the same base URL as that of the read. */
function besides(read: AddressTemplate, write: AddressTemplate): RestExchange['writeUrl'] {
  return ({ url, collection, key }) => {
    const path = `/${read(collection, key)}`;
    if (!url.endsWith(path)) {
      throw new InputError(
        'KEY_INVALID',
        'The record key is not usable: its address is another one than that of the record. Give collection and key as the record was read.',
      );
    }
    return urlBelow(url.slice(0, -path.length), write(collection, key));
  };
}

function envelopeOf({ exchange }: ApiSettings): RestExchange['envelope'] {
  const { read, write } = exchange;
  const { path, members } = write;
  if (path === '' && Object.keys(members).length === 0) return undefined;
  return (fields, about) => {
    const around = filledMembers(members, about) as Fields;
    if (path !== '' && read.record !== 'object') {
      const text = asStoredText(stringifyLossless(fields), read.record);
      return withValueAtPath(around, path, text);
    }
    // What is written wins over what always goes along.
    const merged = mergePatch(valueAtPath(around, path), fields) as Fields;
    return path === '' ? merged : withValueAtPath(around, path, merged);
  };
}

function filledMembers(value: unknown, about: Filling): unknown {
  if (typeof value === 'string') return filledText(value, about);
  if (Array.isArray(value)) return value.map(item => filledMembers(item, about));
  if (!isFields(value)) return value;
  const filled: Record<string, unknown> = {};
  for (const name of Object.keys(value)) setOwn(filled, name, filledMembers(value[name], about));
  return filled;
}
