import { AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import type { Answer } from '../outcome/answer';
import type { Call } from './call';
import { FaultError } from './fault';

/** The configuration that axios carries to the adapter. */
export interface CallConfig extends AxiosRequestConfig {
  readonly call: Call;
}

/** An axios adapter on undici: the answer is the response's data, and a redirect is an answer like any other. */
export const undiciAdapter: AxiosAdapter = config => {
  const call = callOf(config);
  return call.exchange().then(
    answer => {
      if (call.accepts(answer.status)) return responseOf(answer, config);
      throw statusError(answer, config);
    },
    (error: unknown) => {
      // axios-retry finds the request to repeat in the error.
      if (error instanceof FaultError) error.config = config;
      throw error;
    },
  );
};

export function callOf(config: InternalAxiosRequestConfig): Call {
  return (config as InternalAxiosRequestConfig & Pick<CallConfig, 'call'>).call;
}

function statusError(answer: Answer, config: InternalAxiosRequestConfig): AxiosError<Answer> {
  const message = `HTTP status ${String(answer.status)}`;
  const response = responseOf(answer, config);
  return new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, config, undefined, response);
}

function responseOf(answer: Answer, config: InternalAxiosRequestConfig): AxiosResponse<Answer> {
  return { data: answer, status: answer.status, statusText: '', headers: {}, config };
}
