import { createBulkApi } from '../../../../lib/api/bulk/create';
import type { BatchMember, BulkApi, BulkWrites } from '../../../../lib/api/bulk/bulk-api';
import { DEFAULT_BULK_SETTINGS, type BulkSettings } from '../../../../lib/api/bulk/settings';
import { createFamily } from '../../../../lib/api/families';
import type { ApiFamily, WritePlan } from '../../../../lib/api/family';
import type { FamilyId } from '../../../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../../lib/api/settings';
import type { RecordKey } from '../../../../lib/record/fields';
import type { RecordRef } from '../../../../lib/record/ref';
import { planFor } from '../odata-plans';

export const BASE = 'https://api.example/svc';

/** A family with what it takes for many records, at one address. */
export class Api {
  readonly family: ApiFamily;
  readonly bulk: BulkApi;

  constructor(
    id: FamilyId,
    { api, bulk }: { api?: Partial<ApiSettings>; bulk?: Partial<BulkSettings> } = {},
    private readonly collection = 'items',
  ) {
    const settings = { ...DEFAULT_API_SETTINGS, ...api };
    this.family = createFamily(id, settings);
    this.bulk = createBulkApi(this.family, {
      settings,
      bulk: { ...DEFAULT_BULK_SETTINGS, ...bulk },
      baseUrl: BASE,
    });
  }

  get writes(): BulkWrites {
    if (this.bulk.writes === undefined) throw new Error('It writes one by one.');
    return this.bulk.writes;
  }

  get reads(): NonNullable<BulkApi['reads']> {
    if (this.bulk.reads === undefined) throw new Error('It reads one by one.');
    return this.bulk.reads;
  }

  ref(key: RecordKey): RecordRef {
    return this.family.locate(BASE, this.collection, key);
  }

  refs(...keys: readonly RecordKey[]): RecordRef[] {
    return keys.map(key => this.ref(key));
  }

  member(key: RecordKey, plan: Partial<WritePlan> = {}): BatchMember {
    const whole = planFor(this.ref(key), plan);
    return { plan: whole, request: this.family.writeRequest(whole) };
  }

  members(count: number): BatchMember[] {
    return Array.from({ length: count }, (_, at) => this.member(at + 1));
  }
}
