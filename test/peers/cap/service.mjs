import cds from '@sap/cds';

/** The two actions write what they are named after; everything else is what CAP does by itself. */
export default class OrdersService extends cds.ApplicationService {
  async init() {
    this.on(['UpdateOrderStatus', 'UpdateShippingDetails'], async req => {
      // CAP renews a UUID version only for updates that pass the service, not for those of its handlers.
      const changes = { ...req.data, version: cds.utils.uuid() };
      const changed = await cds.ql.UPDATE(req.subject).with(changes);
      return changed === 0 ? req.reject(404) : cds.ql.SELECT.one.from(req.subject);
    });
    await super.init();
  }
}
