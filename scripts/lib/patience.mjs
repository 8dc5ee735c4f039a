/**
 * Longest wait for something that another process or the runtime has to do. It tells what hangs,
 * not what is slow: on a busy machine with one core everything here still needs less than half.
 */
export const PATIENCE_MS = 120_000;
