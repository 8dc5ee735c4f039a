import { afterAll, beforeEach, expect, it } from 'vitest';
import { orderId } from '../../sandbox/index';
import { ConflictsSidebar, Disputed } from './support/conflicts';
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
    await sidebar.open(orderId(order));
    await sidebar.looked('Still like this').waitFor();
    disputed.touch(order, meanwhile);
  }

  const gone = (): Promise<void> => sidebar.root.getByText('Nothing needs a person.').waitFor();
  const notice = (text: string): Promise<void> =>
    sidebar.opened
      .locator('.conflicts-notice', { hasText: text })
      .waitFor()
      .catch(async e => {
        console.log(await sidebar.root.innerText());
        throw e;
      });

  // After a failed test, the page is a new one.
  beforeEach(async () => {
    editor().page.setDefaultTimeout(5000);
    sidebar = await ConflictsSidebar.shown(editor().page);
  });

  it('shows a conflict: what it was, what the flow wanted, what it is now', async () => {
    await conflict();
    expect(await sidebar.entry('orderstatus').innerText()).toMatch(/Conflict\s+orderstatus/);
    await editor().shoot('conflicts-list', sidebar.root);
    await sidebar.open(orderId(order));
    await sidebar.looked('Still like this').waitFor();
    expect(await sidebar.values('orderstatus')).toEqual(['New', 'Shipped', 'Cancelled']);
    await editor().shoot('conflicts-entry', sidebar.root);
    disputed.touch(order, meanwhile);
    await sidebar.button('Read again').click();
    await sidebar.looked('It has changed since').waitFor();
    expect(await sidebar.values('orderstatus')).toEqual(['New', 'Shipped', 'Processing']);
    await sidebar.button('Back to the list').click();
    await sidebar.entry('orderstatus').waitFor();
  });

  it('takes theirs: the record stays as it is, and the entry goes', async () => {
    await sidebar.open(orderId(order));
    disputed.touch(order, { orderstatus: 'Cancelled' });
    await sidebar.button('Take theirs').click();
    await gone();
    expect(status()).toBe('Cancelled');
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

  it('writes what somebody types instead', async () => {
    await changedInBetween();
    const field = sidebar.opened.getByRole('textbox', { name: 'orderstatus' });
    await sidebar.button('Edit…').click();
    expect(await field.inputValue()).toBe('Shipped');
    await field.fill('Invoiced');
    await sidebar.button('Send').click();
    await notice('It did not work: Conflict.');
    expect(status()).toBe('Processing');
    await sidebar.looked('Still like this').waitFor();
    await sidebar.button('Edit…').click();
    await field.fill('Delivered');
    await sidebar.button('Send').click();
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
    await sidebar.entry('somebody has settled it: discard').click();
    await sidebar.opened.locator('.conflicts-fields').waitFor();
    await sidebar.opened.locator('summary').click();
    await sidebar.opened.getByText('somebody: discard: The customer has cancelled it.').waitFor();
    expect(await sidebar.opened.locator('.conflicts-decision button').count()).toBe(0);
    await sidebar.button('Back to the list').click();
    await sidebar.root.getByRole('combobox', { name: 'State' }).selectOption('');
    await sidebar.button('Filter').click();
    await gone();
  });
});
