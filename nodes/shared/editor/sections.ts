/** Opens every collapsed section that holds an invalid field, so that no fault stays out of sight. */
export function openInvalidSections(form: JQuery): void {
  // The editor marks invalid fields right after the dialog was prepared.
  window.setTimeout(() => {
    form.find('details').each((_, section) => {
      if ($(section).find('.input-error').length > 0) $(section).prop('open', true);
    });
  });
}
