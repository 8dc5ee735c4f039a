/** Its version is a UUID that every write renews. */
entity peer.Orders {
  key ID         : UUID;
      status     : String(20);
      quantity   : Integer;
      amount     : Decimal(15, 2);
      meter      : Integer64;
      deliveryAt : Timestamp;
      deliveryOn : Date;
      note       : String(200);
      seenBy     : String(40);
      version    : UUID @odata.etag;
}

/** Its version is the time of its last change. */
entity peer.OrderLines {
  key orderNumber : String(20);
  key line        : Integer;
      quantity    : Integer;
      note        : String(200);
      modifiedAt  : Timestamp @odata.etag  @cds.on.insert: $now  @cds.on.update: $now;
}

/** Has no version. */
entity peer.Carriers {
  key code  : String(40);
      name  : String(200);
      phone : String(40);
}

@protocol: [
  { kind: 'odata', path: '/odata/v4/orders' },
  { kind: 'rest', path: '/rest/orders' }
]
service OrdersService {
  entity Orders as projection on peer.Orders
    actions {
      action UpdateOrderStatus(status : String(20)) returns Orders;
      action UpdateShippingDetails(deliveryAt : Timestamp, note : String(200)) returns Orders;
    };

  entity OrderLines as projection on peer.OrderLines;
  entity Carriers as projection on peer.Carriers;
}
