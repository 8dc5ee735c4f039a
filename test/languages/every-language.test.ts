import { afterAll, describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { orderNumber } from '../../sandbox/index';
import { LANGUAGES } from '../../scripts/lib/languages.mjs';
import { graveFaults, namelessFields } from '../browser/support/accessibility';
import { ConflictsSidebar, Disputed } from '../browser/support/conflicts';
import { closeDialogs, everyNode, openDialog, TYPES } from '../browser/support/dialogs';
import { textsIn } from '../browser/support/flow-texts';
import { leftInEnglish } from '../browser/support/left-in-english';
import { overflowing } from '../browser/support/layout';
import { untranslated } from '../browser/support/texts';
import { withEditor } from '../browser/support/with-editor';

const THEMES = ['light', 'dark'] as const;

const disputed = await Disputed.start();
afterAll(() => disputed.sandbox.close());

/** Outcomes are code, and nodes have the names that somebody gave them. */
const AS_IT_IS = new Set([...OUTCOMES, ...textsIn([everyNode(), disputed.flows])]);

/** One for each conflict: a record that somebody has changed so already would not change once more. */
let order = 0;

describe.each(LANGUAGES)('%s', language => {
  describe.each(THEMES)('%s', theme => {
    withEditor('dialogs', { flows: everyNode(), language, theme }, editor => {
      it.each(TYPES)('%s is to be read, and fits into a narrow tray', async type => {
        const dialog = await openDialog(editor(), type);
        await dialog.unfoldAll();
        expect(await untranslated(dialog.form)).toEqual([]);
        expect(await leftInEnglish(dialog.form, language, AS_IT_IS)).toEqual([]);
        expect(await overflowing(dialog)).toEqual([]);
        expect(await namelessFields(dialog)).toEqual([]);
        expect(await graveFaults(dialog)).toEqual([]);
        await closeDialogs(editor(), dialog);
      });
    });

    withEditor('the Conflicts sidebar', { flows: disputed.flows, language, theme }, editor => {
      it.each([400, 180])('is to be read, and fits in at %i pixels', async width => {
        const { page } = editor();
        const request = (path: string, init?: RequestInit): Promise<Response> =>
          editor().request(path, init);
        await disputed.clear(request);
        order += 1;
        await disputed.conflict(
          request,
          order,
          { orderstatus: 'Shipped' },
          { orderstatus: 'Cancelled' },
        );
        const sidebar = await ConflictsSidebar.shown(page, width);
        for await (const view of sidebar.views(orderNumber(order))) {
          expect(await untranslated(sidebar.root), view).toEqual([]);
          expect(await leftInEnglish(sidebar.root, language, AS_IT_IS), view).toEqual([]);
          expect(await sidebar.overflowing(), view).toEqual([]);
          expect(await namelessFields({ form: sidebar.root }), view).toEqual([]);
          expect(await graveFaults({ page, form: sidebar.root }), view).toEqual([]);
        }
      });
    });
  });
});
