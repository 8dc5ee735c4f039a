import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';
import { CapPeer } from '../peers/cap-peer';
import {
  FINANCE,
  INHERITED,
  NORTHWIND_V2,
  NORTHWIND_V4,
  UNKNOWN_VERSION,
  WITHOUT_SETS,
} from './support/csdl-documents';
import { withEditor } from './support/with-editor';

const cap = await CapPeer.start();
afterAll(() => cap.close());
/** The adapter of the peer has no route for its metadata: it is written by the same compiler. */
const metadataV2 = async (): Promise<string> =>
  (await promisify(execFile)(process.execPath, [inRoot('test/peers/cap/edmx.mjs')])).stdout;

interface Read {
  readonly version: string;
  readonly sets: readonly Set[];
}

interface Set {
  readonly name: string;
  readonly keys: readonly string[];
  readonly protection: string;
  readonly types: Readonly<Record<string, string>>;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly isReadOnly: boolean;
    readonly states?: readonly object[];
  }[];
}

interface Bundled {
  readonly metadataEntry: { readonly read: (text: string, expected?: string) => Read | string };
}

/** Once per page: the parser is the browser's. */
async function read(page: Page, text: string, expected?: string): Promise<Read | string> {
  if (!(await page.evaluate(() => 'metadataEntry' in globalThis))) {
    const { outputFiles } = await build({
      entryPoints: [inRoot('test/browser/support/metadata-entry.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'metadataEntry',
    });
    await page.addScriptTag({ content: outputFiles.map(file => file.text).join('') });
  }
  return page.evaluate(
    ([document, version]) =>
      (globalThis as unknown as Bundled).metadataEntry.read(document ?? '', version),
    [text, expected],
  );
}

withEditor('metadata, read by the parser of the browser', {}, editor => {
  const good = async (text: string, expected?: string): Promise<Record<string, Set>> => {
    const found = await read(editor().page, text, expected);
    if (typeof found === 'string') throw new Error(found);
    return Object.fromEntries(found.sets.map(set => [set.name, set]));
  };
  const brief = (sets: Record<string, Set>): object =>
    Object.fromEntries(
      Object.values(sets).map(({ name, keys, protection, types }) => [
        name,
        { keys, protection, types },
      ]),
    );

  it('of CAP in V4 tell keys, versions and types', async () => {
    expect(brief(await good(await (await fetch(`${cap.v4}/$metadata`)).text(), 'V4'))).toEqual({
      Orders: {
        keys: ['ID'],
        protection: 'announced',
        types: {
          ID: 'guid',
          amount: 'decimal',
          deliveryAt: 'date-time',
          deliveryOn: 'date',
          meter: 'integer',
          quantity: 'integer',
          version: 'guid',
        },
      },
      OrderLines: {
        keys: ['orderNumber', 'line'],
        protection: 'announced',
        types: { line: 'integer', modifiedAt: 'date-time', quantity: 'integer' },
      },
      Carriers: { keys: ['code'], protection: 'not-announced', types: {} },
    });
  });

  it('of CAP in V2 tell the same', async () => {
    const sets = brief(await good(await metadataV2(), 'V2'));
    expect(sets).toMatchObject({
      Orders: {
        keys: ['ID'],
        protection: 'announced',
        types: { amount: 'decimal', deliveryAt: 'date-time' },
      },
      OrderLines: {
        keys: ['orderNumber', 'line'],
        protection: 'announced',
        types: { quantity: 'integer' },
      },
      Carriers: { protection: 'not-announced', types: {} },
    });
  });

  it('of Northwind, V4 and V2, tell their sets and nothing else', async () => {
    expect(brief(await good(NORTHWIND_V4, 'V4'))).toEqual({
      Orders: {
        keys: ['OrderID'],
        protection: 'not-announced',
        types: { OrderID: 'integer', OrderDate: 'date-time' },
      },
      Order_Details: {
        keys: ['OrderID', 'ProductID'],
        protection: 'not-announced',
        types: {
          OrderID: 'integer',
          ProductID: 'integer',
          UnitPrice: 'decimal',
          Discount: 'decimal',
        },
      },
    });
    expect(brief(await good(NORTHWIND_V2, 'V2'))).toEqual({
      Categories: {
        keys: ['CategoryID'],
        protection: 'not-announced',
        types: { CategoryID: 'integer' },
      },
      Stocks: { keys: ['Id'], protection: 'announced', types: { Id: 'integer', At: 'date-time' } },
    });
  });

  it('of Finance & Operations tell composite keys and the names of its enumerations', async () => {
    const { SalesOrderHeadersV2: orders } = await good(FINANCE);
    expect(orders).toMatchObject({
      keys: ['dataAreaId', 'SalesOrderNumber'],
      protection: 'not-announced',
      types: { OrderTotalAmount: 'decimal' },
    });
    expect(orders?.fields.find(({ name }) => name === 'SalesOrderStatus')?.states).toEqual([
      { value: 'None' },
      { value: 'Backorder' },
      { value: 'Invoiced' },
    ]);
  });

  it('follow namespaces, aliases, what is inherited and what is annotated elsewhere', async () => {
    const { Orders, Loops, Lost } = await good(INHERITED);
    expect(Orders).toMatchObject({
      keys: ['Id'],
      protection: 'announced',
      types: {
        Id: 'guid',
        ChangedAt: 'date-time',
        Total: 'decimal',
        Days: 'date',
        Made: 'integer',
        Free: 'integer',
      },
    });
    const readOnly = Orders?.fields.filter(({ isReadOnly }) => isReadOnly);
    expect(readOnly?.map(({ name }) => name)).toEqual(['Made']);
    expect(Orders?.fields.find(({ name }) => name === 'At')?.type).toBe('B.Address');
    expect(Orders?.fields.find(({ name }) => name === 'Status')?.states).toEqual([
      { value: 'open', label: 'Open' },
      { value: 'closed' },
    ]);
    expect(Loops?.fields.map(({ name }) => name)).toEqual(['Own']);
    expect(Lost).toMatchObject({ keys: [], fields: [], protection: 'not-announced' });
  });

  it('are read behind any number of comments', async () => {
    const text = NORTHWIND_V4.replace('<edmx', `${'<!-- a -->'.repeat(5_000)}<edmx`);
    expect(Object.keys(await good(text))).toEqual(['Order_Details', 'Orders']);
  });

  describe('that are none', () => {
    it.each([
      ['a page', '<!DOCTYPE html><html><body>Sign in</body></html>', 'page'],
      ['a page without its first line', ' <html lang="en"><body><br></body></html>', 'page'],
      ['a page in XML', '<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', 'page'],
      ['cut in a tag', NORTHWIND_V4.slice(0, -200), 'cut'],
      ['cut before the last tag', NORTHWIND_V2.slice(0, -12), 'cut'],
      ['broken inside', NORTHWIND_V4.replace('</EntityType>', ''), 'unreadable'],
      ['JSON', '{"$Version":"4.01"}', 'unreadable'],
      ['empty', '', 'unreadable'],
      ['other XML', '<feed xmlns="http://www.w3.org/2005/Atom"/>', 'unreadable'],
      ['of an unknown version', UNKNOWN_VERSION, 'unreadable'],
      [
        'with entities',
        NORTHWIND_V4.replace('<edmx', '<!DOCTYPE a [<!ENTITY b "c">]><edmx'),
        'unreadable',
      ],
      [
        'with entities behind a long comment',
        NORTHWIND_V4.replace(
          '<edmx',
          `<!--${' a'.repeat(2_000)}--><!DOCTYPE a [<!ENTITY b "c">]><edmx`,
        ),
        'unreadable',
      ],
      ['a page behind many comments', `${'<!-- a -->'.repeat(5_000)}<html></html>`, 'page'],
      ['cut in a comment', '<?xml version="1.0"?><!-- a', 'cut'],
      ['without sets', WITHOUT_SETS, 'empty'],
    ])('are said to be so: %s', async (_name, text, why) => {
      expect(await read(editor().page, text)).toBe(why);
    });

    it('are of another version than the endpoint speaks', async () => {
      expect(await read(editor().page, NORTHWIND_V2, 'V4')).toBe('other-version');
      expect(await read(editor().page, NORTHWIND_V4, 'V2')).toBe('other-version');
    });
  });
});
