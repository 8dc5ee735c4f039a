import type { Fault } from '../outcome/answer';
import { MAX_TIMER_MS } from '../retry/time';
import { abortedFault, FaultError } from './fault';
import type { SendOptions } from './transport';

/**
 * Waits for something shared no longer than this one request can. Rejects with FaultError `ABORTED` or `late`.
 * @param join begins it or joins in; not called for a request that was aborted before
 */
export function patiently<T>(
  join: () => Promise<T>,
  { signal: end, stop: signal = end, remainingMs }: SendOptions,
  late: Fault,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new FaultError(abortedFault(false)));
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      stop();
      reject(new FaultError(abortedFault(false)));
    };
    const onDeadline = () => {
      stop();
      reject(new FaultError(late));
    };
    const timer = setTimeout(onDeadline, Math.min(remainingMs(), MAX_TIMER_MS));
    signal.addEventListener('abort', onAbort);
    join().then(resolve, reject).finally(stop);
  });
}
