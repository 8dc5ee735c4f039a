import type { ApiRequest, Reply } from '../http/reply';
import { SERVICE_ROOT } from '../sap/schema';
import { csdlV2, csdlV4 } from './csdl';
import { definitionsAt } from './dataverse';
import { FINANCE_SETS, otherSets, SALES_ORDERS, SAP_ORDERS, type DescribedSet } from './sets';

const DATAVERSE = /^\/api\/data\/v9\.\d\/(.*)$/;
const FINANCE = '/data/$metadata';
const GATEWAY = `${SERVICE_ROOT}/$metadata`;

/** What the APIs say of their records. */
export class Descriptions {
  private readonly others: readonly DescribedSet[];
  /** Written once: a large one takes its time. */
  private readonly documents = new Map<string, string>();

  /** @param count sets without records that each API describes besides */
  constructor(count: number) {
    this.others = otherSets(count);
  }

  /** Undefined: the path is none of a description. */
  at({ path, query, method }: ApiRequest): Reply | undefined {
    if (method !== 'GET') return undefined;
    const dataverse = DATAVERSE.exec(path)?.[1];
    if (dataverse === '$metadata') {
      return this.document('crm', () => csdlV4('Microsoft.Dynamics.CRM', this.with(SALES_ORDERS)));
    }
    if (dataverse !== undefined) {
      return definitionsAt(dataverse, query, this.with(SALES_ORDERS));
    }
    if (path === FINANCE) {
      const namespace = 'Microsoft.Dynamics.DataEntities';
      return this.document('finance', () => csdlV4(namespace, this.with(...FINANCE_SETS)));
    }
    if (path !== GATEWAY) return undefined;
    return this.document('gateway', () => csdlV2('API_SALES_ORDER_SRV', this.with(SAP_ORDERS)));
  }

  private with(...sets: readonly DescribedSet[]): readonly DescribedSet[] {
    return [...sets, ...this.others];
  }

  private document(name: string, write: () => string): Reply {
    const body = this.documents.get(name) ?? write();
    this.documents.set(name, body);
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  }
}
