/** Gives the remove button of a list's row, an icon only, a name for those who cannot see it. */
export function nameRemoveButton(row: JQuery): void {
  row
    .siblings('.red-ui-editableList-item-remove')
    .attr({ role: 'button', 'aria-label': RED._('common.label.delete') });
}
