import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Request, Response as Answer, Route } from 'playwright-core';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { editorLoaded } from '../../scripts/lib/browser.mjs';
import { makeTempDir } from '../../scripts/lib/temp.mjs';
import { orderNumber } from '../../sandbox/index';
import { graveFaults, namelessFields } from './support/accessibility';
import { ConflictsSidebar, Disputed } from './support/conflicts';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

const disputed = await Disputed.start();
afterAll(() => disputed.sandbox.close());

const ours = { orderstatus: 'Shipped' };
const theirs = { orderstatus: 'Cancelled' };
/** What somebody makes of the record while it is looked at. */
const meanwhile = { orderstatus: 'Processing' };

withEditor('the Conflicts sidebar', { flows: disputed.flows }, editor => {
  let sidebar: ConflictsSidebar;
  /** An order for each test, so that none sees what another one has left. */
  let order = 0;

  const request = (path: string, init?: RequestInit): Promise<Response> =>
    editor().request(path, init);
  const status = (): unknown => disputed.values(order).orderstatus;

  async function conflict(wanted: object = ours, found: object = theirs): Promise<void> {
    order += 1;
    await disputed.conflict(request, order, { ...wanted }, { ...found });
  }

  /** A conflict that is opened, and whose record changes once more then. */
  async function changedInBetween(): Promise<void> {
    await conflict();
    await sidebar.open(orderNumber(order));
    await sidebar.looked('Still like this').waitFor();
    disputed.touch(order, meanwhile);
  }

  /** The next look at the record is under way until the returned function is called. */
  async function heldLook(): Promise<() => void> {
    let answer = (): void => undefined;
    const held = new Promise<void>(resolve => (answer = resolve));
    const hold = (route: Route): Promise<void> => held.then(() => route.continue());
    await editor().page.route('**/entries/*/look', hold, { times: 1 });
    await sidebar.button('Read again').click();
    return answer;
  }

  /** The next question about how many are done is under way until it is let go; the page has taken its answer then. */
  async function heldProgress(): Promise<{ asked: Promise<Request>; letGo: () => Promise<void> }> {
    let answer = (): void => undefined;
    const held = new Promise<void>(resolve => (answer = resolve));
    let ask = (_: Request): void => undefined;
    const asked = new Promise<Request>(resolve => (ask = resolve));
    const hold = async (route: Route): Promise<void> => {
      ask(route.request());
      await held;
      await route.continue();
    };
    await editor().page.route('**/progress', hold, { times: 1 });
    const letGo = async (): Promise<void> => {
      answer();
      await handled(await (await asked).response());
    };
    return { asked, letGo };
  }

  /** There is one more conflict, and the sidebar shows anew what it asks for then. */
  async function anotherComesIn(asked: string): Promise<void> {
    const answer = editor().page.waitForResponse(response => response.url().includes(asked));
    await conflict();
    await handled(await answer);
  }

  /** The page has made of an answer what it makes of it. */
  async function handled(answer: Answer | null): Promise<void> {
    await answer?.finished();
    await editor().page.evaluate(() => new Promise(requestAnimationFrame));
  }

  const gone = (): Promise<void> => sidebar.root.getByText('Nothing needs a person.').waitFor();
  const notice = (text: string): Promise<void> =>
    sidebar.opened.locator('.conflicts-notice', { hasText: text }).waitFor();

  // After a failed test, the page is a new one.
  beforeEach(async () => {
    await disputed.clear(request);
    sidebar = await ConflictsSidebar.shown(editor().page);
    await gone();
  });

  it('shows a conflict: what it was, what the flow wanted, what it is now', async () => {
    await conflict({ ...ours, shippingmethodcode: 3 });
    expect(await sidebar.entry('orderstatus').innerText()).toMatch(/Conflict\s+orderstatus/);
    await editor().shoot('conflicts-list', sidebar.root);
    await sidebar.open(orderNumber(order));
    await sidebar.looked('Still like this').waitFor();
    expect(await sidebar.values('orderstatus')).toEqual(['New', 'Shipped', 'Cancelled']);
    await editor().shoot('conflicts-entry', sidebar.opened);
    disputed.touch(order, meanwhile);
    await sidebar.button('Read again').click();
    await sidebar.looked('It has changed since').waitFor();
    expect(await sidebar.values('orderstatus')).toEqual(['New', 'Shipped', 'Processing']);
    await sidebar.button('Back to the list').click();
    await sidebar.entry('orderstatus').waitFor();
  });

  it('takes theirs: the record stays as it is, and the entry goes', async () => {
    await changedInBetween();
    await sidebar.button('Take theirs').click();
    await gone();
    expect(status()).toBe('Processing');
  });

  it('writes ours over what was shown, and not over what came after that', async () => {
    await changedInBetween();
    await sidebar.button('Write ours').click();
    await sidebar.opened.locator('.conflicts-over', { hasText: 'Cancelled → Shipped' }).waitFor();
    await sidebar.button('Write over it').click();
    await notice('It did not work: Conflict. It stays in the list.');
    expect(status()).toBe('Processing');
    await sidebar.looked('Still like this').waitFor();
    // What somebody has decided on is what the next decision begins with.
    expect(await sidebar.values('orderstatus')).toEqual(['Cancelled', 'Shipped', 'Processing']);
    await sidebar.button('Write ours').click();
    await sidebar.opened.locator('.conflicts-over', { hasText: 'Processing → Shipped' }).waitFor();
    await sidebar.button('Write over it').click();
    await gone();
    expect(status()).toBe('Shipped');
  });

  it('writes what somebody types instead, once the API takes it', async () => {
    await changedInBetween();
    const field = sidebar.opened.getByRole('textbox', { name: 'orderstatus' });
    const send = async (wanted: string): Promise<void> => {
      await sidebar.looked(/Still like this|changed since/).waitFor();
      await sidebar.button('Edit…').click();
      await field.fill(wanted);
      await sidebar.button('Send').click();
    };
    await send('Delivered');
    await notice('It did not work: Conflict.');
    expect(status()).toBe('Processing');
    await send('On the way');
    await notice('It did not work: Refused by the API.');
    await sidebar.opened.getByText("Cannot convert the value of 'orderstatus'").first().waitFor();
    expect(status()).toBe('Processing');
    await send('Delivered');
    await gone();
    expect(status()).toBe('Delivered');
  });

  it('tries again: it compares anew, and writes once nobody is in the way', async () => {
    await changedInBetween();
    await sidebar.button('Try again').click();
    await notice('It did not work: Conflict.');
    expect(status()).toBe('Processing');
    disputed.touch(order, { orderstatus: 'New' });
    await sidebar.button('Try again').click();
    await gone();
    expect(status()).toBe('Shipped');
  });

  it('discards with a reason, which stays with the entry', async () => {
    await changedInBetween();
    await sidebar.button('Discard').click();
    const question = sidebar.opened.getByRole('form', { name: 'Discard the update?' });
    await question.getByRole('button', { name: 'Discard' }).click();
    await question.getByText('Please say why.').waitFor();
    await question.getByRole('textbox').fill('The customer has cancelled it.');
    await question.getByRole('button', { name: 'Discard' }).click();
    await gone();
    expect(status()).toBe('Processing');
    await sidebar.button('Filter').click();
    await sidebar.root.getByRole('combobox', { name: 'State' }).selectOption('settled');
    await sidebar.entry('somebody has settled it: discard').first().click();
    await sidebar.opened.locator('.conflicts-fields').waitFor();
    await sidebar.opened.locator('summary').click();
    await sidebar.opened.getByText('somebody: discard: The customer has cancelled it.').waitFor();
    expect(await sidebar.opened.locator('.conflicts-decision button').count()).toBe(0);
    await sidebar.button('Back to the list').click();
    await sidebar.root.getByRole('combobox', { name: 'State' }).selectOption('');
    await sidebar.button('Filter').click();
    await gone();
  });

  it('asks first where an amount may count twice, and adds to what is there now', async () => {
    order += 1;
    const amount = (): number => Number(disputed.values(order).totalamount);
    const before = amount();
    await disputed.lostAddition(request, order);
    expect(amount()).toBe(before + 1);
    await sidebar.open(orderNumber(order));
    await sidebar.looked(/Still like this|changed since/).waitFor();
    // It is judged by what is known of the write, and that says nothing.
    await sidebar.button('Try again').click();
    await notice('It did not work: May be written. It stays in the list.');
    expect(amount()).toBe(before + 1);
    await sidebar.looked(/Still like this|changed since/).waitFor();
    await sidebar.button('Write ours').click();
    await sidebar.opened.getByText('done once more, it may count twice').waitFor();
    await sidebar.opened.getByText('It is computed anew from what is there now.').waitFor();
    // It was, what was sent, and what it is.
    const [was, sent, is] = (await sidebar.values('totalamount')).map(Number);
    expect([was, sent, is]).toEqual([before, before + 1, before + 1]);
    await editor().shoot('conflicts-ask-first', sidebar.opened);
    await sidebar.root.getByRole('tab', { name: 'Rates' }).click();
    await sidebar.root
      .locator('.conflicts-live', { hasText: 'Records to compare by hand, because a write may' })
      .filter({ hasText: ': 1.' })
      .waitFor();
    await sidebar.root.getByRole('tab', { name: 'To decide' }).click();
    // Once more somebody comes in between, to another field.
    disputed.touch(order, { name: 'Theirs' });
    await sidebar.button('Write over it').click();
    await gone();
    expect(amount()).toBe(before + 2);
  });

  it('says that a record is gone, and has nothing to write: it is discarded', async () => {
    await conflict();
    disputed.remove(order);
    await sidebar.open(orderNumber(order));
    await sidebar.looked('is gone').waitFor();
    expect(await sidebar.opened.locator('.conflicts-buttons button').allInnerTexts()).toEqual([
      expect.stringContaining('Discard'),
    ]);
    await sidebar.button('Discard').click();
    await sidebar.opened.getByRole('textbox').fill('The order is gone.');
    await sidebar.opened.locator('form button[type=submit]').click();
    await gone();
  });

  it('tells who was too late: somebody else has settled it meanwhile', async () => {
    await conflict();
    await sidebar.open(orderNumber(order));
    await sidebar.looked('Still like this').waitFor();
    const { records } = await disputed.list(request);
    const [head] = records.flatMap(({ heads }) => heads);
    await disputed.act(request, head?.id ?? '', { action: 'theirs' });
    await notice('somebody has settled it: take theirs');
    expect(await sidebar.opened.locator('.conflicts-decision button').count()).toBe(0);
    await sidebar.button('Back to the list').click();
    await gone();
    expect(status()).toBe('Cancelled');
  });

  it('shows what is no text as JSON, cuts what is long, and runs nothing', async () => {
    const script = '<img src=x onerror="document.title=1">';
    const long = script.padEnd(500, 'x');
    await conflict({ name: long, totalamount: 3 }, { name: '=1+1', totalamount: 5 });
    await sidebar.open(orderNumber(order));
    await sidebar.looked('Still like this').waitFor();
    const [, wanted = '', is] = await sidebar.values('name');
    expect(wanted).toMatch(/^<img src=x onerror=.*x… \(500 characters\)$/);
    expect(is).toBe('=1+1');
    expect((await sidebar.values('totalamount')).slice(1)).toEqual(['3', '5']);
    expect(await sidebar.root.locator('img').count()).toBe(0);
    expect(await editor().page.title()).not.toBe('1');
    await sidebar.button('Edit…').click();
    const field = sidebar.opened.getByRole('textbox', { name: 'totalamount' });
    await field.fill('many');
    await sidebar.button('Send').click();
    await sidebar.opened.getByText('totalamount must be JSON').waitFor();
    await editor().page.keyboard.press('Escape');
    await sidebar.button('Take theirs').click();
    await gone();
  });

  it('decides on all that the filter holds for: plan, start, end', async () => {
    for (let n = 0; n < 2; n += 1) await conflict();
    await conflict({ name: 'Ours' }, { name: 'Theirs' });
    await sidebar.root.getByText('3 updates · records: 3').waitFor();
    await sidebar.root.getByRole('searchbox').fill('orderstatus');
    await sidebar.root.getByText('2 updates · records: 2').waitFor();
    await sidebar.button('Decide on all that are shown').click();
    await sidebar.root.getByRole('combobox', { name: 'What to do' }).selectOption('ours');
    await sidebar.button('Look first').click();
    await sidebar.root.getByRole('heading', { name: 'write ours: 2 updates?' }).waitFor();
    await editor().shoot('conflicts-bulk', sidebar.root);
    const late = await heldProgress();
    await sidebar.button('Start').click();
    await late.asked;
    // It asks once more because of this.
    await conflict({ name: 'Ours' }, { name: 'Theirs' });
    const bulk = sidebar.root.locator('.conflicts-bulk');
    await bulk.filter({ hasText: 'All done. Settled: 2' }).waitFor();
    await sidebar.button('Close').click();
    // What has been told, and put away, is not told again.
    await late.letGo();
    expect(await bulk.isVisible()).toBe(false);
    await sidebar.root.getByText('Nothing fits the filter.').waitFor();
    await sidebar.root.getByRole('searchbox').fill('');
    await sidebar.root.getByText('2 updates · records: 2').waitFor();
    expect(disputed.values(order - 2).orderstatus).toBe('Shipped');
    for (const kept of [order - 1, order]) expect(disputed.values(kept).name).toBe('Theirs');
  });

  it('stops what it does with many, and leaves the rest as it was', async () => {
    // So many that they take longer, at the slowest pace, than to press Stop on the slowest machine.
    for (let n = 0; n < 8; n += 1) await conflict();
    await sidebar.root.getByText('8 updates · records: 8').waitFor();
    await sidebar.button('Decide on all that are shown').click();
    await sidebar.root.getByRole('combobox', { name: 'What to do' }).selectOption('theirs');
    await sidebar.root.getByRole('spinbutton').fill('0.1');
    await sidebar.button('Look first').click();
    await sidebar.button('Start').click();
    await sidebar.root.getByRole('progressbar').waitFor();
    await sidebar.button('Stop').click();
    const said = sidebar.root.locator('.conflicts-bulk', { hasText: 'Stopped.' });
    const [, left] = /to go: (\d)/.exec(await said.innerText()) ?? [];
    expect(Number(left)).toBeGreaterThan(0);
    expect((await disputed.list(request)).totalEntries).toBe(Number(left));
    await sidebar.button('Close').click();
  });

  it('what is held down is pressed, whatever comes in meanwhile', async () => {
    const { mouse } = editor().page;
    const held = async (part: Locator, meanwhile: () => Promise<void>): Promise<void> => {
      await part.hover();
      await mouse.down();
      await meanwhile();
      await mouse.up();
    };
    // As many as in the test before, for the same reason.
    for (let n = 0; n < 8; n += 1) await conflict();
    const wanted = orderNumber(order);
    await sidebar.root.getByRole('searchbox').fill(wanted);
    await sidebar.root.getByText('1 update', { exact: true }).waitFor();
    await held(sidebar.entry(wanted), () => anotherComesIn('/entries?'));
    await sidebar.opened.getByRole('heading', { name: wanted }).waitFor();
    await sidebar.lookedAt();

    const answered = await heldLook();
    await held(sidebar.button('Take theirs'), async () => {
      answered();
      await sidebar.lookedAt();
    });
    await sidebar.root.getByText('Nothing fits the filter.').waitFor();

    await sidebar.root.getByRole('searchbox').fill('');
    await sidebar.button('Decide on all that are shown').click();
    await sidebar.root.getByRole('combobox', { name: 'What to do' }).selectOption('theirs');
    await sidebar.root.getByRole('spinbutton').fill('0.1');
    await sidebar.button('Look first').click();
    await sidebar.button('Start').click();
    await held(sidebar.button('Stop'), () => anotherComesIn('/progress'));
    await sidebar.root.locator('.conflicts-bulk', { hasText: 'Stopped.' }).waitFor();
    await sidebar.button('Close').click();
  });

  it('asks before anything goes to an endpoint that points elsewhere by now', async () => {
    await conflict();
    const elsewhere = disputed.sandbox.url.replace('127.0.0.1', 'localhost');
    await editor().change('endpoint', { baseUrl: `${elsewhere}/api/data/v9.0` });
    await sidebar.open(orderNumber(order));
    // A look that comes in later takes back a question of before.
    await sidebar.lookedAt();
    await sidebar.button('Try again').click();
    const question = sidebar.opened.getByRole('form', { name: 'Are you sure?' });
    await question.getByText(elsewhere).waitFor();
    disputed.touch(order, { orderstatus: 'New' });
    await question.getByRole('button', { name: 'Do it anyway' }).click();
    await gone();
    expect(status()).toBe('Shipped');
  });

  it('is answered while nodes are deployed as before and after', async () => {
    await conflict();
    const answers = new Set<number>();
    for (const deadline of [31, 32, 33, 34]) {
      const asked = new AbortController();
      const deployed = editor()
        .change('endpoint', { deadline })
        .finally(() => {
          asked.abort();
        });
      while (!asked.signal.aborted) {
        answers.add((await request('/record-updates/review/letters/entries')).status);
      }
      await deployed;
    }
    expect([...answers]).toEqual([200]);
  });

  it('gives the list as CSV, in which nothing is computed', async () => {
    await conflict({ name: '=1+1' }, { name: 'a "b", c' });
    const download = editor().page.waitForEvent('download');
    await sidebar.button('Download as CSV').click();
    const temp = makeTempDir('csv');
    const file = join(temp.dir, 'conflicts.csv');
    await (await download).saveAs(file);
    const text = readFileSync(file, 'utf8');
    temp.remove();
    expect(text.startsWith('\uFEFF"record","record type"')).toBe(true);
    expect(text).toContain(`"name","`);
    expect(text).toContain(`"'=1+1","a ""b"", c"`);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(text.trim().split('\r\n')).toHaveLength(2);
  });

  it('works by keyboard', async () => {
    const { keyboard } = editor().page;
    const focused = (): Promise<string> =>
      editor().page.evaluate(() => document.activeElement?.textContent ?? '');
    await conflict();
    await conflict();
    await sidebar.root.getByText('2 updates · records: 2').waitFor();
    await sidebar.root.locator('.conflicts-entry').first().focus();
    await keyboard.press('ArrowDown');
    await expect.poll(focused).toContain(orderNumber(order - 1));
    await keyboard.press('Enter');
    await sidebar.looked('Still like this').waitFor();
    await keyboard.press('Escape');
    await sidebar.entry(orderNumber(order)).waitFor();
    await expect.poll(focused).toContain(orderNumber(order - 1));
  });

  it('a look that comes in late leaves a question that is still about the same', async () => {
    await changedInBetween();
    disputed.touch(order, theirs);
    const answered = await heldLook();
    await sidebar.button('Edit…').click();
    const field = sidebar.opened.getByRole('textbox', { name: 'orderstatus' });
    await field.fill('Delivered');
    answered();
    await sidebar.looked('Still like this').waitFor();
    expect(await field.inputValue()).toBe('Delivered');
    await sidebar.button('Send').click();
    await gone();
    expect(status()).toBe('Delivered');
  });

  it('a look that comes in late takes back a question that it makes untrue', async () => {
    await changedInBetween();
    const answered = await heldLook();
    await sidebar.button('Write ours').click();
    await sidebar.opened.locator('.conflicts-over', { hasText: 'Cancelled → Shipped' }).waitFor();
    answered();
    await notice('Look again before you decide.');
    expect(await sidebar.opened.locator('.conflicts-over').count()).toBe(0);
    expect(status()).toBe('Processing');
    await sidebar.button('Take theirs').click();
    await gone();
  });

  it('what is agreed to while a look is under way is what was shown', async () => {
    await changedInBetween();
    const answered = await heldLook();
    await sidebar.button('Write ours').click();
    await sidebar.button('Write over it').click();
    await notice('It did not work: Conflict. It stays in the list.');
    expect(status()).toBe('Processing');
    answered();
    await sidebar.lookedAt();
    await sidebar.button('Take theirs').click();
    await gone();
  });

  it('what was read of an entry before it was acted on is not taken for newer', async () => {
    await changedInBetween();
    const acted = order;
    let answer = (): void => undefined;
    const held = new Promise<void>(resolve => (answer = resolve));
    const late = new Promise<Request>(resolve => {
      const hold = async (route: Route): Promise<void> => {
        const response = await route.fetch();
        resolve(route.request());
        await held;
        await route.fulfill({ response });
      };
      void editor().page.route(/\/entries\/[^/?]+$/, hold, { times: 1 });
    });
    // The entry is read anew because of it.
    await conflict();
    const read = await late;
    await sidebar.button('Try again').click();
    await notice('It did not work: Conflict.');
    answer();
    await handled(await read.response());
    await notice('It did not work: Conflict.');
    await sidebar.lookedAt();
    disputed.touch(acted, { orderstatus: 'New' });
    await sidebar.button('Try again').click();
    await sidebar.root.getByText('1 update', { exact: true }).waitFor();
    expect(disputed.values(acted).orderstatus).toBe('Shipped');
  });

  it('is used beside an open dialog, and stays as it was when it is moved elsewhere', async () => {
    await conflict();
    const { page } = editor();
    const dialog = await editor().open('update');
    await sidebar.open(orderNumber(order));
    await sidebar.looked('Still like this').waitFor();
    await sidebar.button('Discard').click();
    await sidebar.opened.getByRole('textbox').fill('Half a sent');
    // As 5.0 does it when somebody drags the tab to another section.
    await sidebar.root.evaluate((element: HTMLElement) => {
      const wrapper = element.parentElement;
      const elsewhere = document.createElement('div');
      elsewhere.style.cssText = 'position: fixed; inset: 100px auto 0 0; width: 300px; z-index: 99';
      document.body.append(elsewhere);
      if (wrapper !== null) elsewhere.append(wrapper);
    });
    expect(await sidebar.opened.getByRole('textbox').inputValue()).toBe('Half a sent');
    await sidebar.opened.getByRole('textbox').fill('A whole sentence.');
    await sidebar.opened.locator('form button[type=submit]').click();
    await gone();
    await dialog.cancel();
    await page.reload();
    await editorLoaded(page);
  });

  it('shows the rates, and the hours at which conflicts are met', async () => {
    await sidebar.root.getByRole('tab', { name: 'Rates' }).click();
    const hour = sidebar.root.getByRole('gridcell', { name: /\d+ of \d+ updates/ });
    await hour.first().waitFor();
    expect(await hour.count()).toBe(7 * 24);
    const met = sidebar.root.getByRole('gridcell', { name: /: [1-9][\d.]*% / });
    await met.first().hover();
    await sidebar.root.locator('.conflicts-told', { hasText: /% \(/ }).waitFor();
    await sidebar.root.getByText('salesorders').last().waitFor();
    await editor().shoot('conflicts-numbers', sidebar.root.locator('.conflicts-numbers'));
    await editor().shoot('conflicts-rates', sidebar.root);
    await sidebar.root.getByRole('tab', { name: 'To decide' }).click();
  });

  it.each([400, 180])('fits in, and says all that it shows, at %i pixels', async width => {
    await conflict({ ...ours, totalamount: 12.5 });
    await sidebar.resize(width);
    for (const view of ['entry', 'list', 'rates'] as const) {
      if (view === 'entry') {
        await sidebar.open(orderNumber(order));
        await sidebar.looked('Still like this').waitFor();
      } else if (view === 'list') {
        await sidebar.button('Back to the list').click();
        await sidebar.button('Filter').click();
      } else {
        await sidebar.root.getByRole('tab', { name: 'Rates' }).click();
        await sidebar.root.getByRole('gridcell').first().waitFor();
      }
      await editor().shoot(`conflicts-${view}-${String(width)}`, sidebar.root);
      expect(await sidebar.overflowing()).toEqual([]);
      expect(await namelessFields({ form: sidebar.root })).toEqual([]);
      expect(await untranslated(sidebar.root)).toEqual([]);
      // Colours and roles are the same at every width.
      if (width > 180) {
        expect(await graveFaults({ page: editor().page, form: sidebar.root })).toEqual([]);
      }
    }
    await sidebar.root.getByRole('tab', { name: 'To decide' }).click();
    await sidebar.button('Filter').click();
  });
});

/** The dark theme is one of Node-RED 5. */
withEditor(
  'the Conflicts sidebar in German and in the dark',
  { flows: disputed.flows, language: 'de', theme: 'dark' },
  editor => {
    it('has all its texts, and is to be read', async () => {
      const request = (path: string, init?: RequestInit): Promise<Response> =>
        editor().request(path, init);
      await disputed.conflict(request, 59, ours, theirs);
      const sidebar = await ConflictsSidebar.shown(editor().page);
      await sidebar.open(orderNumber(59));
      await sidebar.looked('Noch so').waitFor();
      await sidebar.button('Unseren schreiben').click();
      await editor().shoot('conflicts-entry-de', sidebar.root);
      expect(await untranslated(sidebar.root)).toEqual([]);
      expect(await graveFaults({ page: editor().page, form: sidebar.root })).toEqual([]);
      await sidebar.root.getByRole('tab', { name: 'Quoten' }).click();
      await sidebar.root.getByRole('gridcell').first().waitFor();
      await editor().shoot('conflicts-rates-de', sidebar.root);
      expect(await untranslated(sidebar.root)).toEqual([]);
      expect(await graveFaults({ page: editor().page, form: sidebar.root })).toEqual([]);
    });
  },
);
