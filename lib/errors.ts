/**
 * A fault of the flow or its settings, found before any request leaves. The sentence names the field and the fix.
 * `code` is an own property because Node-RED copies only own properties to `msg.error`.
 */
export class InputError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'InputError';
    this.code = code;
  }
}

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
