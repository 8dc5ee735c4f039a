/** What must be undone when the script ends before it has done so itself. @type {Set<() => void>} */
const undo = new Set();
let listening = false;

/** Longest time for an orderly end; what then still runs is ended the hard way. */
const END_LIMIT_MS = 700;
/** @type {(() => Promise<unknown>) | undefined} */
let orderlyEnd;

function listen() {
  listening = true;
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', () => process.exit(143));
  process.once('exit', () => {
    for (const step of undo) step();
  });
}

/**
 * Runs `step` (synchronous) if the script ends, however it does, before the returned function is
 * called. Without it an interrupted script would leave processes and temporary folders behind.
 * @param {() => void} step
 * @returns {() => void}
 */
export function onExit(step) {
  if (!listening) listen();
  undo.add(step);
  return () => void undo.delete(step);
}

/**
 * Has an interrupted script (Ctrl+C) end in this way, with code 0, instead of at once.
 * @param {() => Promise<unknown>} end
 */
export function onInterrupt(end) {
  if (!listening) listen();
  orderlyEnd = end;
}

/** A second Ctrl+C finds no listener any more and ends the process at once. */
function interrupted() {
  if (!orderlyEnd) process.exit(130);
  const limit = new Promise(resolve => setTimeout(resolve, END_LIMIT_MS));
  void Promise.race([orderlyEnd(), limit]).finally(() => process.exit(0));
}
