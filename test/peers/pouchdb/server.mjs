// PouchDB with its databases in memory, behind its own server that speaks the protocol of CouchDB.
import memory from 'pouchdb-adapter-memory';
import PouchDB from 'pouchdb-core';
import couchServer from 'express-pouchdb';

const InMemory = PouchDB.plugin(memory).defaults({ adapter: 'memory' });
const server = couchServer(InMemory, { mode: 'minimumForPouchDB' }).listen(0, '127.0.0.1', () => {
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
});
// Idle connections stay open: on a busy machine a client would send into one that is just being closed.
server.keepAliveTimeout = 0;
process.once('disconnect', () => process.exit(0));
