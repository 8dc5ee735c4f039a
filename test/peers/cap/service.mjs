import cds from '@sap/cds';

/** How long a handler of the service works before it lets an update through, as the update's own note says. */
const WORKING = /\bhandler works (\d+) ms\b/;
/** A handler that refuses an update for now, by its note. */
const FAILING = /\bhandler fails\b/;

/** The two actions write what they are named after; everything else is what CAP does by itself. */
export default class OrdersService extends cds.ApplicationService {
  /** Requests whose transaction has not ended, whoever still waits for their answers. */
  underWay = 0;

  async init() {
    this.before('UPDATE', async req => {
      const [, ms] = WORKING.exec(req.data.note ?? '') ?? [];
      if (FAILING.test(req.data.note)) req.reject(503, 'The warehouse does not answer at present');
      if (ms === undefined) return;
      this.underWay += 1;
      req.on('done', () => (this.underWay -= 1));
      await new Promise(resolve => setTimeout(resolve, Number(ms)));
    });
    // CAP 10 renews a UUID version only for requests by OData.
    this.before(['CREATE', 'UPDATE'], 'Orders', req => {
      req.data.version = cds.utils.uuid();
    });
    this.on(['UpdateOrderStatus', 'UpdateShippingDetails'], async req => {
      // CAP renews a UUID version only for updates that pass the service, not for those of its handlers.
      const changes = { ...req.data, version: cds.utils.uuid() };
      const changed = await cds.ql.UPDATE(req.subject).with(changes);
      return changed === 0 ? req.reject(404) : cds.ql.SELECT.one.from(req.subject);
    });
    await super.init();
  }
}
