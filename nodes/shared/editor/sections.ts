/** Unfolds a section as soon as it holds an invalid field, so that no fault stays out of sight. */
export function unfoldInvalidSections(form: JQuery): void {
  const unfold = (): void => {
    // The editor marks invalid fields right after the dialog was prepared, and after each change.
    window.setTimeout(() => {
      form.find('details').each((_, section) => {
        if ($(section).find('.input-error').length > 0) $(section).prop('open', true);
      });
    });
  };
  form.on('change', unfold);
  unfold();
}
