import type { ODataService } from '../bulk/reading';
import { odataError } from '../odata';
import type { RecordApi } from '../records/record-api';

/** `$batch` at Finance & Operations: one service for all entity sets. */
export function financeService(orders: RecordApi, lines: RecordApi): ODataService {
  return {
    apis: [orders, lines],
    root: /^\/data\//,
    version: 'V4',
    failsAsWhole: false,
    refuse: odataError,
  };
}
