import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import cds from '@sap/cds';
import v2Adapter from '@cap-js-community/odata-v2-adapter';
import { csrfGuard } from './csrf.mjs';
import { keepJournal, readJournal } from './journal.mjs';

cds.root = dirname(fileURLToPath(import.meta.url));

cds.on('bootstrap', app => {
  const { listen } = app;
  app.listen = port => listen.call(app, port, '127.0.0.1');
  app.use(csrfGuard());
  app.use(v2Adapter());
});
cds.on('served', keepJournal);

const server = await cds.server({ port: 0, in_memory: true, from: 'service.cds' });
// Idle connections stay open: on a busy machine a client would send into one that is just being closed.
server.keepAliveTimeout = 0;
if (!server.listening) await new Promise(resolve => server.once('listening', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
cds.emit('listening', { server, url });

cds.app.get('/history', async (_req, res) => {
  res.json(await readJournal());
});

/** Answers when the slow handlers have ended. */
cds.app.get('/quiet', async (_req, res) => {
  while (cds.services.OrdersService.underWay > 0) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  res.status(204).end();
});

/**
 * Changes a record as somebody else, through the service but not through its protocols, so without a precondition:
 * `{ by, entity, create }`, with one row or several, `{ by, entity, key, set }`, `set: null` to delete,
 * `{ by, entity, keys, set }`, or `{ by, entity, key, blank }` to leave it without a version.
 */
cds.app.post('/control', async (req, res) => {
  const { by, entity, key, keys, set, create, blank } = await json(req);
  await cds.services.OrdersService.tx({ user: new cds.User(by) }, async tx => {
    if (create !== undefined) return tx.create(entity, create);
    if (blank === true) return cds.ql.UPDATE(`peer.${entity}`, key).with({ version: null });
    if (keys !== undefined) {
      for (const one of keys) await tx.update(entity, one).with(set);
      return;
    }
    return set === null ? tx.delete(entity, key) : tx.update(entity, key).with(set);
  }).then(
    () => res.status(204).end(),
    error => res.status(500).json({ message: error.message }),
  );
});

process.once('disconnect', () => process.exit(0));
process.send({ url });
