import { parsePeakHours, type PeakHours } from '../../lib/retry/peak';
import type { ConfigOf } from './fields';
import { HOURS_FIELDS } from './hours-fields';
import { settingsOf } from './settings';

/** The busy hours of a dialog. Throws InputError `PEAK_INVALID`. */
export function hoursOf(config: ConfigOf<typeof HOURS_FIELDS>): PeakHours {
  const read = settingsOf(HOURS_FIELDS, config);
  return parsePeakHours({
    from: read.text('peakFrom'),
    to: read.text('peakTo'),
    days: read.text('peakDays'),
    zone: read.text('peakZone'),
  });
}
