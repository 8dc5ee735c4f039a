/** Gives the remove button of a list's row, an icon only, a name for those who cannot see it. */
export function nameRemoveButton(row: JQuery): void {
  row
    .siblings('.red-ui-editableList-item-remove')
    .attr({ role: 'button', 'aria-label': RED._('common.label.delete') });
}

/** With the row that held it the focus would go, and with the focus the keys of the dialog. */
export function keepFocus(list: JQuery): void {
  if (document.activeElement !== document.body) return;
  list
    .closest('.red-ui-editableList')
    .find('.red-ui-editableList-addButton')
    .first()
    .trigger('focus');
}
