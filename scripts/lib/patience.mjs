/**
 * Longest wait for something that another process or the runtime has to do. It tells what hangs,
 * not what is slow: on a busy machine with one core everything here still needs less than half.
 * Shorter than the five minutes of a test, so that it is this that says what was waited for.
 */
export const PATIENCE_MS = 240_000;
