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
export { LOADS } from './interference';
export { machineEvents } from './machines/machine-events';
export { DEFAULT_OAUTH, TOKEN_PATH } from './oauth';
export { startSandbox } from './sandbox';
export type { Fault, FaultName, FaultRule, RequestKind } from './fault-rules';
export type { Load, LoadName, LoadRates } from './interference';
export type { By, Change, KeepHistory, LoggedRequest } from './journal';
export type { Defect, MachineEvent, Signal } from './machines/machine-event';
export type { MachinePlan, OrderOnFloor } from './machines/machine-events';
export type { OAuthSettings } from './oauth';
export type { RecordCounts, SandboxOptions } from './options';
export type { RecordControl, RecordView } from './record-control';
export type { RecordKind } from './record-kinds';
export type { FaultControl, Sandbox } from './sandbox';
export type { SapControl } from './sap/sessions';
export type { Stats } from './stats';
export type { CxControl } from './territories/cx-control';
