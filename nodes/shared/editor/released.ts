const ENDS = 'pointerup pointercancel';

/**
 * What moves, goes or is drawn anew under somebody's finger is not pressed: a click needs one element from down to up.
 * @param root where somebody may press
 * @returns runs something at once, or where something is held down just then, after it was pressed
 */
export function whenReleasedIn(root: JQuery): (run: () => void) => void {
  let held: Promise<void> | undefined;
  root.on('pointerdown', ({ button }) => {
    if (button !== 0) return;
    held ??= new Promise(resolve => {
      const ended = (): void => {
        $(window).off(ENDS, ended);
        // The click comes right after this.
        window.setTimeout(() => {
          held = undefined;
          resolve();
        });
      };
      $(window).on(ENDS, ended);
    });
  });
  return run => {
    if (held === undefined) run();
    else void held.then(run);
  };
}
