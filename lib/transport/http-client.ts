import { Axios, isAxiosError, type AxiosError, type AxiosInstance } from 'axios';
import type { AxiosRequestConfig } from 'axios';
import axiosRetry from 'axios-retry';
import type { Answer, Fault } from '../outcome/answer';
import { parseRetryAfter } from '../retry/retry-after';
import { MAX_TIMER_MS } from '../retry/time';
import type { Call } from './call';
import { FaultError, toFault } from './fault';
import type { TransportSettings } from './settings';
import { callOf, undiciAdapter, type CallConfig } from './undici-adapter';

type RepeatSettings = Pick<TransportSettings, 'transientRetries' | 'retryWait' | 'time' | 'budget'>;

/** Sends calls. Never rejects. */
export interface HttpClient {
  /** Repeats what fails in passing, through axios and axios-retry. For reads and token requests. */
  readonly patiently: (call: Call) => Promise<Answer | Fault>;
  /** For writes: nothing that could repeat one is on their way, only the update loop sends a write again. */
  readonly once: (call: Call) => Promise<Answer | Fault>;
}

/** The endpoint's one axios instance. It has no defaults that would send, follow or transform anything on its own. */
export function createHttpClient(settings: RepeatSettings): HttpClient {
  const axios = new Axios({ adapter: undiciAdapter });
  repeatWith(axios, settings);
  return {
    patiently: call =>
      axios.request<Answer>(configOf(call)).then(
        response => response.data,
        (error: unknown) => answerIn(error) ?? toFault(error),
      ),
    once: call => call.exchange().catch((error: unknown) => toFault(error)),
  };
}

function configOf(call: Call): CallConfig {
  return { call, signal: call.options.signal };
}

function repeatWith(axios: InstanceType<typeof Axios>, settings: RepeatSettings): void {
  const send = (config: AxiosRequestConfig) => axios.request(config);
  const { defaults, interceptors } = axios;
  // axios-retry calls the instance as a function and touches nothing but these two members.
  const callable = Object.assign(send, { defaults, interceptors }) as unknown as AxiosInstance;
  axiosRetry(callable, {
    retries: settings.transientRetries,
    retryCondition: error => decideRepeat(error, settings),
    retryDelay: (_count, error) => waitOf(error),
  });
}

/** True when the failure may pass, the wait for it ends before the deadline, and the budget allows a repeat. */
function decideRepeat(error: AxiosError, settings: RepeatSettings): boolean {
  const call = error.config && callOf(error.config);
  if (call === undefined || call.isServed || !mayPass(error)) return false;
  return canWait(call, error, settings) && hasBudget(call, settings);
}

/** The wait is kept with the call. */
function canWait(call: Call, error: AxiosError, { retryWait, time }: RepeatSettings): boolean {
  const retry = (error.config?.['axios-retry']?.retryCount ?? 0) + 1;
  const retryAfterMs = retryAfterOf(answerIn(error), time.now());
  const floor = retryAfterMs === undefined ? {} : { retryAfterMs };
  const waitMs = retryWait({ retry, previousMs: call.waitMs, ...floor });
  call.waitMs = Math.max(waitMs, retryAfterMs ?? 0);
  return call.waitMs < Math.min(call.options.remainingMs(), MAX_TIMER_MS);
}

/** The budget is the API's; the token endpoint is another server. */
function hasBudget({ repeat }: Call, { budget }: RepeatSettings): boolean {
  return budget === undefined || repeat === 'token' || budget.take();
}

function mayPass(error: AxiosError): boolean {
  if (answerIn(error) !== undefined) return true;
  return error instanceof FaultError && !error.fault.fatal && !FINAL.test(error.fault.code);
}

/** Faults of the request's own making, which come back however often it is repeated. */
const FINAL = /^(?:ABORTED|DEADLINE|THROTTLED)$/;

function waitOf({ config }: AxiosError): number {
  return config ? callOf(config).waitMs : 0;
}

function retryAfterOf(answer: Answer | undefined, now: number): number | undefined {
  return answer && parseRetryAfter(answer.headers['retry-after'], answer.headers.date, now);
}

/** The answer of a request that failed by its status. */
function answerIn(error: unknown): Answer | undefined {
  return isAxiosError<Answer>(error) ? error.response?.data : undefined;
}
