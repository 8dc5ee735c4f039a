import { getEventListeners } from 'node:events';
import { expect, it, vi } from 'vitest';
import { AbortWatch } from '../../../lib/transport/abort-watch';

function waiting() {
  return {
    told: 0,
    aborted() {
      this.told++;
    },
  };
}

it('tells everyone who waits, once, and nobody who has left', () => {
  const watch = new AbortWatch();
  const controller = new AbortController();
  const [first, second, gone] = [waiting(), waiting(), waiting()];
  for (const one of [first, second, gone]) watch.add(controller.signal, one);
  watch.delete(controller.signal, gone);
  controller.abort();
  expect([first, second, gone].map(({ told }) => told)).toEqual([1, 1, 0]);
});

it('tells everyone although each leaves when told', () => {
  const watch = new AbortWatch();
  const source = new AbortController();
  let told = 0;
  const leaving = () => {
    const one = {
      aborted: () => {
        told++;
        watch.delete(source.signal, one);
      },
    };
    return one;
  };
  for (let n = 0; n < 3; n++) watch.add(source.signal, leaving());
  source.abort();
  expect(told).toBe(3);
});

it('listens to a signal once for all who come and go', () => {
  const watch = new AbortWatch();
  const source = new AbortController();
  const { signal } = source;
  watch.delete(signal, waiting());
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  const listen = vi.spyOn(signal, 'addEventListener');
  const gone = [waiting(), waiting(), waiting()];
  for (const one of gone) watch.add(signal, one);
  for (const one of gone) watch.delete(signal, one);
  const late = waiting();
  watch.add(signal, late);
  expect(listen).toHaveBeenCalledTimes(1);
  source.abort();
  expect([...gone, late].map(({ told }) => told)).toEqual([0, 0, 0, 1]);
});
