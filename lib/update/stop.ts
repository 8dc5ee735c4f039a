/**
 * The flow was stopped before the update was finished.
 * `UPDATE_UNCERTAIN`: a write was sent and its fate is unknown. `STOPPED`: nothing is in doubt.
 */
export class StopError extends Error {
  readonly code: 'STOPPED' | 'UPDATE_UNCERTAIN';

  constructor(code: StopError['code'], message: string) {
    super(message);
    this.name = 'StopError';
    this.code = code;
  }
}
