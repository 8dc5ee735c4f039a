import { whenReleasedIn } from './released';

/** Unfolds a section as soon as it holds an invalid field, so that no fault stays out of sight. */
export function unfoldInvalidSections(form: JQuery): void {
  const whenReleased = whenReleasedIn(form);
  const unfold = (): void => {
    // The editor marks invalid fields right after the dialog was prepared, and after each change.
    window.setTimeout(() => {
      whenReleased(() => {
        form.find('details').has('.input-error').prop('open', true);
      });
    });
  };
  form.on('change', unfold);
  unfold();
}
