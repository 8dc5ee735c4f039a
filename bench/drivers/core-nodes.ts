import { EXIT, startFlow, type FlowNode } from '../support/node-red';
import { ODATA_HEADERS, recordPath, WRITE_HEADERS, type Driver } from './driver';

/** The same read-modify-write from core nodes: http request → function → http request → function. */
export async function openCoreNodes(url: string): Promise<Driver> {
  const flow = await startFlow('read', NODES);
  return {
    run: async job => {
      const msg = await flow.send({
        url: url + recordPath(job),
        headers: { ...ODATA_HEADERS },
        changes: job.changes,
      });
      if (msg.error !== undefined) throw new Error(`the flow failed: ${JSON.stringify(msg.error)}`);
      return { outcome: 'updated' };
    },
    close: () => flow.close(),
  };
}

const PREPARE = `
if (msg.statusCode !== 200) throw new Error('not read: ' + msg.statusCode);
const version = msg.payload['@odata.etag'];
if (!version) throw new Error('no version');
msg.version = version;
msg.headers = ${JSON.stringify(WRITE_HEADERS)};
msg.headers['If-Match'] = version;
msg.payload = msg.changes;
return msg;`;

const CHECK = `
if (msg.statusCode !== 200) throw new Error('not written: ' + msg.statusCode);
if (msg.payload['@odata.etag'] === msg.version) throw new Error('the version did not move');
return msg;`;

const NODES: readonly FlowNode[] = [
  httpRequest('read', 'GET', 'prepare'),
  functionNode('prepare', PREPARE, 'write'),
  httpRequest('write', 'PATCH', 'check'),
  functionNode('check', CHECK, EXIT),
];

/** Keep-alive connections, JSON parsed by the node. */
function httpRequest(id: string, method: string, next: string): FlowNode {
  return {
    id,
    type: 'http request',
    name: '',
    method,
    ret: 'obj',
    paytoqs: 'ignore',
    url: '',
    tls: '',
    persist: true,
    proxy: '',
    insecureHTTPParser: false,
    authType: '',
    senderr: false,
    headers: [],
    wires: [[next]],
  };
}

function functionNode(id: string, func: string, next: string): FlowNode {
  const common = { timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [], outputs: 1 };
  return { id, type: 'function', name: '', func, ...common, wires: [[next]] };
}
