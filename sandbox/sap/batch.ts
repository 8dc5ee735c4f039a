import type { ODataService } from '../bulk/reading';
import type { SapOrders } from './sap-orders';
import { SERVICE_ROOT } from './schema';
import { errorReply } from './wire';

const MALFORMED = '/IWBEP/CM_MGW_RT/021';

/** `$batch` at SAP Gateway, in OData V2: with the token and cookies of a session, as any write. */
export function sapService(orders: SapOrders): ODataService {
  return {
    apis: [orders],
    root: new RegExp(`^${SERVICE_ROOT}/`),
    version: 'V2',
    failsAsWhole: false,
    refuse: (status, code, message) => errorReply(status, code === '' ? MALFORMED : code, message),
    admit: request => orders.admit(request),
  };
}
