import { afterAll, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { orderNumber } from '../../sandbox/index';
import { formTemplate } from '../../scripts/editor-html.mjs';
import { ROOT } from '../../scripts/lib/root.mjs';
import { pseudo } from '../support/pseudo-language';
import { ConflictsSidebar, Disputed } from './support/conflicts';
import { closeDialogs, everyNode, openDialog, TYPES } from './support/dialogs';
import { textsIn } from './support/flow-texts';
import { overflowing } from './support/layout';
import { unmarked } from './support/unmarked';
import { withEditor } from './support/with-editor';

const flows = everyNode();

const forms = await Promise.all(TYPES.map(type => formTemplate(ROOT, type)));

/** What stands there as it is: what somebody has typed, and names that code, HTTP and products have. */
const AS_IT_IS = new Set([
  ...OUTCOMES,
  ...['GET', 'PATCH', 'PUT', 'MERGE', 'POST', 'Accept', 'value'],
  ...textsIn(flows),
  ...forms.flatMap(literals),
]);

withEditor('dialogs in a language with long texts', { flows, rewrite: pseudo }, editor => {
  it.each(TYPES)('%s has all its texts from its catalogue, and room for them', async type => {
    const dialog = await openDialog(editor(), type);
    await dialog.unfoldAll();
    expect(await overflowing(dialog)).toEqual([]);
    await editor().shoot(`${type}-pseudo`, dialog.tray);
    expect(await unmarked(dialog.form, AS_IT_IS)).toEqual([]);
    await closeDialogs(editor(), dialog);
  });
});

/** By the browser, in its own words. */
const SAID_BY_INTL = ['now', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const IN_THE_LIST = ['orderstatus', 'New', '…: of another test'];

const disputed = await Disputed.start();
afterAll(() => disputed.sandbox.close());

/** One for each conflict: a record that somebody has changed so already would not change once more. */
let order = 50;
const ours = { orderstatus: 'Shipped' };
const theirs = { orderstatus: 'Cancelled' };
const typed = new Set([
  ...AS_IT_IS,
  ...textsIn([disputed.flows, ours, theirs]),
  ...IN_THE_LIST,
  ...SAID_BY_INTL,
]);

withEditor(
  'the Conflicts sidebar in a language with long texts',
  { flows: disputed.flows, rewrite: pseudo },
  editor => {
    it.each([400, 180])('has room for its texts at %i pixels, and no others', async width => {
      const request = (path: string, init?: RequestInit): Promise<Response> =>
        editor().request(path, init);
      await disputed.clear(request);
      order += 1;
      await disputed.conflict(request, order, ours, theirs);
      const sidebar = await ConflictsSidebar.shown(editor().page, width);
      for await (const view of sidebar.views(orderNumber(order))) {
        await editor().shoot(`conflicts-${view}-pseudo-${String(width)}`, sidebar.root);
        expect(await sidebar.overflowing(), view).toEqual([]);
        expect(await unmarked(sidebar.root, typed), view).toEqual([]);
      }
    });
  },
);

/** Single words that stand in a form itself: a sentence has to come from the catalogue. */
function literals(form: string): string[] {
  const elements = form.match(/<[a-z][^>]*>[^<]*/g) ?? [];
  return elements.flatMap(element => {
    const [, tag = '', text = ''] = /^(<[^>]*>)([^<]*)$/.exec(element) ?? [];
    const placeholder = /placeholder="([^"]*)"/.exec(tag)?.[1] ?? '';
    return [text, placeholder].map(one => one.trim()).filter(one => !/\s/.test(one));
  });
}
