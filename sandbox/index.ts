export {
  assignmentId,
  financeNumber,
  lotId,
  orderId,
  orderNumber,
  sapOrderId,
  shiftName,
  workCenterId,
  workOrderId,
} from './ids';
export { machineEvents } from './machines/machine-events';
export { DEFAULT_OAUTH, TOKEN_PATH } from './oauth';
export { LOADS } from './people/interference';
export { startSandbox } from './sandbox';
export type { BulkSettings } from './bulk/settings';
export type { FaultControl } from './control';
export type { Fault, FaultName, FaultRule, RequestKind } from './faults/fault-rules';
export type { MachinePlan, OrderOnFloor } from './machines/machine-events';
export type { Defect, MachineEvent, Signal } from './machines/signals';
export type { OAuthSettings } from './oauth';
export type { RecordCounts, SandboxOptions } from './options';
export type { Load, LoadName, LoadRates } from './people/interference';
export type { By, Change, KeepHistory, LoggedRequest } from './records/journal';
export type { RecordControl, RecordView } from './records/record-control';
export type { RecordKind } from './records/record-kinds';
export type { Sandbox } from './sandbox';
export type { SapControl } from './sap/sessions';
export type { Stats } from './stats';
export type { CxControl } from './territories/cx';
