import type { ODataService } from '../bulk/reading';
import { CODES, odataError } from '../odata';
import type { RecordApi } from '../records/record-api';
import { executionTimeReply } from './replies';

/** `$batch` at Dataverse. */
export function dataverseService(orders: RecordApi): ODataService {
  return {
    apis: [orders],
    root: /^\/api\/data\/v9\.\d\//,
    version: 'V4',
    failsAsWhole: true,
    refuse: (status, code, message) => {
      return odataError(status, code === '' ? CODES.payload : code, message);
    },
    overtime: executionTimeReply,
  };
}
