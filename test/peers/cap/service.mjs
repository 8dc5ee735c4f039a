import cds from '@sap/cds';

/** How long a handler of the service works before it lets an update through, as the update's own note says. */
const WORKING = /\bhandler works (\d+) ms\b/;
/**
 * How long a connection may be silent while a handler works, as `server.timeout` of Node.js; 0: for ever. Nothing but
 * such a handler ends one: a busy machine may be silent, too.
 */
const SERVER_TIMEOUT_MS = Number(process.env.SERVER_TIMEOUT_MS ?? 0);
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
      const { socket } = req.http.req;
      if (SERVER_TIMEOUT_MS > 0 && Number(ms) > SERVER_TIMEOUT_MS)
        setTimeout(() => socket.destroy(), SERVER_TIMEOUT_MS);
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
