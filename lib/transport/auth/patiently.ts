import { MAX_TIMER_MS } from '../../retry/time';
import { abortedFault, FaultError } from '../fault';
import type { SendOptions } from '../transport';

/** Waits for something shared no longer than this one request can. Rejects with FaultError `ABORTED` or `DEADLINE`. */
export function patiently<T>(shared: Promise<T>, { signal, remainingMs }: SendOptions): Promise<T> {
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
      reject(new FaultError(DEADLINE));
    };
    const timer = setTimeout(onDeadline, Math.min(remainingMs(), MAX_TIMER_MS));
    signal.addEventListener('abort', onAbort);
    shared.then(resolve, reject).finally(stop);
  });
}

const DEADLINE = {
  kind: 'fault',
  sent: 'no',
  code: 'DEADLINE',
  message: 'The time for this update was over before an access token came.',
  fatal: false,
} as const;
