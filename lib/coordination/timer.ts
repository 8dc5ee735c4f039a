/** Calls back once after `ms` and returns what cancels that. */
export type SetTimer = (callback: () => void, ms: number) => () => void;

/** A timer that does not keep the process running. */
export const setUnrefTimer: SetTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms).unref();
  return () => {
    clearTimeout(timer);
  };
};
