import { field, type Prefix } from './dialog';

/** Keeps the seven checkboxes and the hidden field `peakDays`, which holds `1,2,3`, in step. */
export function prepareWeekdays(prefix: Prefix): void {
  const stored = field(prefix, 'peakDays');
  const boxes = $(`#${prefix}-weekdays`).find('input');
  const days = String(stored.val() ?? '')
    .split(',')
    .map(day => day.trim());
  boxes.each((_, box) => {
    $(box).prop('checked', days.includes(String($(box).val())));
  });
  boxes.on('change', () => {
    const chosen = boxes.filter(':checked').toArray();
    stored.val(chosen.map(box => String($(box).val())).join(',')).trigger('change');
  });
}
