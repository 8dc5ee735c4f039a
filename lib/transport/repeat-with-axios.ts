import { Axios, AxiosError, CanceledError, isAxiosError, type AxiosInstance } from 'axios';
import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse } from 'axios';
import axiosRetry from 'axios-retry';
import type { Answer, Fault } from '../outcome/answer';
import { parseRetryAfter } from '../retry/retry-after';
import { MAX_TIMER_MS } from '../retry/time';
import type { Call } from './call';
import { abortedFault, FaultError, toFault } from './fault';
import { isRepeated } from './repeated';
import type { TransportSettings } from './settings';

export type RepeatSettings = Pick<
  TransportSettings,
  'transientRetries' | 'retryWait' | 'time' | 'budget'
>;

/** Repeats a call until it brings what is final. Never rejects. */
export type TakeOver = (call: Call, first: Answer | Fault) => Promise<Answer | Fault>;

/** Repeats calls of one endpoint by axios with axios-retry. */
export function repeatWithAxios(settings: RepeatSettings): TakeOver {
  // The endpoint's one axios instance. It has no defaults that would send, follow or transform anything on its own.
  const axios = new Axios({ adapter });
  repeatWith(axios, settings);
  return (call, first) => {
    const config: RepeatConfig = { repetition: new Repetition(call, first), signal: call.signal };
    return axios.request<Answer>(config).then(
      response => response.data,
      (error: unknown) => answerIn(error) ?? faultIn(error),
    );
  };
}

function faultIn(error: unknown): Fault {
  // Stopped between two tries.
  return error instanceof CanceledError ? abortedFault(false) : toFault(error);
}

/** The configuration that axios carries to the adapter. */
interface RepeatConfig extends AxiosRequestConfig {
  readonly repetition: Repetition;
}

/**
 * One request on its way through axios, which sees an opaque object: axios would copy the headers of a plain
 * one several times, and silently rewrite or drop values that it does not like. Private fields keep secrets
 * out of whatever prints an axios configuration.
 */
class Repetition {
  /** Milliseconds to wait before the next repeat, once decided. */
  waitMs = 0;
  readonly #call: Call;
  #first: Answer | Fault | undefined;

  constructor(call: Call, first: Answer | Fault) {
    this.#call = call;
    this.#first = first;
  }

  get call(): Call {
    return this.#call;
  }

  /** The first try, which is over; then one repeat each. */
  next(): Promise<Answer | Fault> {
    const first = this.#first;
    this.#first = undefined;
    return first === undefined ? this.#call.exchange() : Promise.resolve(first);
  }
}

/** An axios adapter on undici: the answer is the response's data, and a redirect is an answer like any other. */
const adapter: AxiosAdapter = async config => {
  const repetition = repetitionOf(config);
  const result = await repetition.next();
  // axios-retry finds the request to repeat in the error.
  if (result.kind === 'fault') throw Object.assign(new FaultError(result), { config });
  const response: AxiosResponse<Answer> = {
    data: result,
    status: result.status,
    statusText: '',
    headers: {},
    config,
  };
  if (!isRepeated(repetition.call.repeat, result.status)) return response;
  const message = `HTTP status ${String(result.status)}`;
  throw new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, config, undefined, response);
};

function repetitionOf(config: AxiosRequestConfig): Repetition {
  return (config as RepeatConfig).repetition;
}

function repeatWith(axios: InstanceType<typeof Axios>, settings: RepeatSettings): void {
  const send = (config: AxiosRequestConfig) => axios.request(config);
  const { defaults, interceptors } = axios;
  // axios-retry calls the instance as a function and touches nothing but these two members.
  const callable = Object.assign(send, { defaults, interceptors }) as unknown as AxiosInstance;
  axiosRetry(callable, {
    retries: settings.transientRetries,
    retryCondition: error => decideRepeat(error, settings),
    retryDelay: (_count, error) => (error.config ? rest(repetitionOf(error.config)) : 0),
  });
}

/** Milliseconds to wait, in which others may send. */
function rest({ call, waitMs }: Repetition): number {
  if (waitMs > 0) call.rest();
  return waitMs;
}

/** True when the failure may pass, the wait for it ends before the deadline, and the budget allows a repeat. */
function decideRepeat(error: AxiosError, settings: RepeatSettings): boolean {
  const repetition = error.config && repetitionOf(error.config);
  if (repetition === undefined || repetition.call.isServed || !mayPass(error)) return false;
  return canWait(repetition, error, settings) && hasBudget(repetition.call, settings);
}

/** The wait is kept with the repetition. */
function canWait(
  repetition: Repetition,
  error: AxiosError,
  { retryWait, time }: RepeatSettings,
): boolean {
  const retry = (error.config?.['axios-retry']?.retryCount ?? 0) + 1;
  const retryAfterMs = retryAfterOf(answerIn(error), time.now());
  const floor = retryAfterMs === undefined ? {} : { retryAfterMs };
  const waitMs = retryWait({ retry, previousMs: repetition.waitMs, ...floor });
  repetition.waitMs = Math.max(waitMs, retryAfterMs ?? 0);
  return repetition.waitMs < Math.min(repetition.call.remainingMs(), MAX_TIMER_MS);
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

function retryAfterOf(answer: Answer | undefined, now: number): number | undefined {
  return answer && parseRetryAfter(answer.headers['retry-after'], answer.headers.date, now);
}

/** The answer of a request that failed by its status. */
function answerIn(error: unknown): Answer | undefined {
  return isAxiosError<Answer>(error) ? error.response?.data : undefined;
}
