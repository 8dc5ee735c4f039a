/** What must be undone when the script ends before it has done so itself. @type {Set<() => void>} */
const undo = new Set();
let listening = false;

function listen() {
  listening = true;
  process.once('SIGINT', () => process.exit(130));
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
