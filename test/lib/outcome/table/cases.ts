import { linesOf, type TableCase } from './case';
import { DATAVERSE_LINES } from './dataverse-lines';
import { FINAL_LINES, WAIT_LINES } from './fault-lines';
import { ODATA_CASES } from './odata-lines';
import { PRODUCT_CASES } from './product-lines';
import { ACCESS_LINES, CONFLICT_LINES, PRECONDITION_LINES, REPEAT_LINES } from './refusal-lines';
import { REST_CASES } from './rest-lines';
import { REDIRECT_LINES, SUCCESS_LINES } from './success-lines';

/** The whole table: common rows seen through the generic family, then the rows of each family. */
export const CASES: readonly TableCase[] = [
  ...linesOf('rest', [
    ...SUCCESS_LINES,
    ...REDIRECT_LINES,
    ...ACCESS_LINES,
    ...REPEAT_LINES,
    ...CONFLICT_LINES,
    ...PRECONDITION_LINES,
    ...WAIT_LINES,
    ...FINAL_LINES,
  ]),
  ...REST_CASES,
  ...linesOf('dataverse', DATAVERSE_LINES),
  ...ODATA_CASES,
  ...PRODUCT_CASES,
];
