import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  DeadLetterStore,
  HeadPage,
  StorePlace,
  StoreAnswer,
  StoreChange,
} from '../../../lib/review/store/store';

/** What every kind of store of dead letters does. */
export function deadLetterStoreContract(open: () => Promise<DeadLetterStore>): void {
  let store: DeadLetterStore;

  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  function put(id: string, change: Partial<StoreChange> = {}): Promise<StoreAnswer> {
    const text = `text of ${id} ${Math.random()}`;
    return store.put({
      id,
      revision: 0,
      text,
      head: `head of ${id}`,
      limits: undefined,
      ...change,
    });
  }

  async function changed(id: string, change: Partial<StoreChange> = {}): Promise<number> {
    const answer = await put(id, change);
    if (answer.kind !== 'changed') throw new Error(`it is ${answer.kind}`);
    expect(answer.saved).toBe(true);
    return answer.revision;
  }

  /** All pages from there on, as one. */
  async function seen(after?: StorePlace, most = 2): Promise<HeadPage> {
    const first = await store.heads(after, most);
    let page = first;
    const heads = [...first.heads];
    while (page.isMore) {
      page = await store.heads(page.place, most);
      expect(page.isAnew).toBe(false);
      heads.push(...page.heads);
    }
    return { ...page, isAnew: first.isAnew, heads };
  }

  const idsOf = ({ heads }: HeadPage): string[] =>
    heads.map(({ id, head }) => (head === undefined ? `-${id}` : id));

  describe('an entry', () => {
    it('is not there at first', async () => {
      const kept = await store.get('a');
      expect(kept).toEqual({ revision: 0, text: undefined, now: kept.now });
      expect(Math.abs(kept.now - Date.now())).toBeLessThan(60_000);
      expect(await seen()).toMatchObject({ heads: [], entries: 0, bytes: 0 });
    });

    it.each(['', '{"n": 12345678901234567890, "f": 1.0}', '\n\r\t"\\ ü 𝄞 \u2028 12 34', '0 1'])(
      'comes back as it was given: %j',
      async text => {
        const revision = await changed('a', { text, head: text });
        expect(await store.get('a')).toMatchObject({ revision, text });
        expect((await seen()).heads).toEqual([{ id: 'a', revision, head: text }]);
      },
    );

    it('is not that of another one, whatever they are called', async () => {
      const ids = ['a', 'A', 'a ', '__proto__', 'a:b', 'ä'];
      for (const id of ids) await changed(id, { text: `of ${id}` });
      for (const id of ids) expect((await store.get(id)).text).toBe(`of ${id}`);
    });

    it('is changed on its revision only, and never gets one again that it had', async () => {
      const first = await changed('a', { text: '1' });
      const second = await changed('a', { text: '2', revision: first });
      for (const revision of [0, first]) {
        const answer = await put('a', { text: '3', revision });
        expect(answer).toMatchObject({ kind: 'moved', kept: { revision: second, text: '2' } });
      }
      await changed('a', { revision: second, text: undefined });
      expect(await store.get('a')).toMatchObject({ revision: 0, text: undefined });
      expect(await put('a', { revision: second })).toMatchObject({ kind: 'moved' });
      const third = await changed('a', { text: '1' });
      expect([first, second]).not.toContain(third);
    });

    it('is changed by one of those who decide on the same revision at the same moment', async () => {
      const revision = await changed('a');
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => put('a', { revision, text: `by ${n}` })),
      );
      const winners = answers.filter(({ kind }) => kind === 'changed');
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === 'moved')).toHaveLength(19);
    });
  });

  describe('the limits', () => {
    it('of entries refuse a further one, and no change of those that are there', async () => {
      const limits = { entries: 2, bytes: 1_000 };
      const revision = await changed('a', { limits });
      await changed('b', { limits });
      expect(await put('c', { limits })).toEqual({ kind: 'full' });
      await changed('a', { limits, revision, text: 'x'.repeat(50) });
      expect((await store.get('c')).text).toBeUndefined();
      expect(await seen()).toMatchObject({ entries: 2 });
    });

    it('of bytes refuse what would add to them; what takes away is done', async () => {
      const limits = { entries: 10, bytes: 20 };
      const revision = await changed('a', { limits, text: 'ä'.repeat(8), head: '1234' });
      expect(await seen()).toMatchObject({ bytes: 20 });
      expect(await put('b', { limits, text: '', head: '1' })).toEqual({ kind: 'full' });
      expect(await put('a', { limits, revision, text: 'ä'.repeat(9) })).toEqual({ kind: 'full' });
      const less = await changed('a', { limits, revision, text: 'ä', head: '1' });
      expect(await seen()).toMatchObject({ bytes: 3, entries: 1 });
      await changed('b', { limits, text: 'b', head: 'b' });
      await changed('a', { revision: less, text: undefined });
      expect(await seen()).toMatchObject({ bytes: 2, entries: 1 });
    });
  });

  describe('the heads', () => {
    it('come in the order of the last change, on as many pages as it takes', async () => {
      const revision = await changed('a');
      for (const id of ['b', 'c', 'd', 'e']) await changed(id);
      await changed('a', { revision });
      for (const most of [1, 2, 5, 100]) {
        expect(idsOf(await seen(undefined, most))).toEqual(['b', 'c', 'd', 'e', 'a']);
      }
    });

    it('tell what has changed and gone since', async () => {
      await changed('a');
      const b = await changed('b');
      const { place } = await seen();
      const nothing = await seen(place);
      expect(nothing).toMatchObject({ heads: [], isAnew: false });
      await changed('b', { revision: b, text: undefined });
      await changed('c');
      const since = await seen(nothing.place);
      expect(since.isAnew).toBe(false);
      expect(idsOf(since)).toEqual(['-b', 'c']);
      expect(idsOf(await seen())).toEqual(['a', 'c']);
    });

    it('begin anew for who has seen too little of what has gone, and end all the same', async () => {
      await changed('kept');
      const { place } = await seen();
      for (let n = 0; n < 1_001; n++) {
        const revision = await changed(`gone ${n}`);
        await changed(`gone ${n}`, { revision, text: undefined });
      }
      await changed('later');
      const anew = await seen(place, 1);
      expect(anew.isAnew).toBe(true);
      expect(idsOf(anew).filter(id => !id.startsWith('-'))).toEqual(['kept', 'later']);
      expect(await seen(anew.place)).toMatchObject({ heads: [], isAnew: false });
    });

    it('begin anew for who comes from another store', async () => {
      await changed('a');
      const other = await seen({ upTo: Number.MAX_SAFE_INTEGER, floor: 0, born: 'elsewhere' });
      expect(other.isAnew).toBe(true);
      expect(idsOf(other)).toEqual(['a']);
    });
  });
}
