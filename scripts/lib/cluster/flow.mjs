// The flow that both Node-RED run: updates come by HTTP, are accepted once they are stored, and leave one in flight per
// order.

const QUEUE = 'queue';

/** Seconds until an update that a killed Node-RED had under way is handed on by the other. */
export const LEASE_S = 5;

/** @param {{ api: string, redisPort: number }} where */
export function clusterFlow({ api, redisPort }) {
  return [
    { id: 'tab', type: 'tab', label: 'Updates of orders' },
    { id: 'store', type: 'record-store', keep: 'redis', server: `127.0.0.1:${redisPort}` },
    {
      id: 'endpoint',
      type: 'record-endpoint',
      server: 'url',
      family: 'dataverse',
      baseUrl: `${api}/api/data/v9.0`,
      store: 'store',
    },
    ...accepting(),
    ...working(),
    ...counting(),
  ];
}

/** Whoever sent an update is told that it is accepted when it is stored, and not before. */
function accepting() {
  return [
    node('in', 'http in', { url: '/updates', method: 'post' }, [['keep']]),
    script(
      'keep',
      `const { order, n, at, changes } = msg.payload;
context.flow.set('answers', context.flow.get('answers') ?? new Map());
context.flow.get('answers').set(n, msg.res);
return { key: order, n, at, payload: changes };`,
      [[QUEUE]],
    ),
    node(
      QUEUE,
      'update-queue',
      {
        store: 'store',
        eventTime: 'at',
        eventTimeType: 'msg',
        lease: LEASE_S,
        hold: false,
        parallel: 4,
      },
      [['update'], ['count-superseded'], ['count-given-up']],
    ),
    node('accepted', 'complete', { scope: [QUEUE] }, [['answer']]),
    node('refused', 'catch', { scope: [QUEUE] }, [['answer']]),
    script(
      'answer',
      `const answers = context.flow.get('answers');
const res = answers.get(msg.n);
answers.delete(msg.n);
return { res, statusCode: msg.error ? 503 : 202, payload: msg.error ? msg.error.message : '' };`,
      [['out']],
    ),
    node('out', 'http response', {}, []),
  ];
}

function working() {
  return [
    node(
      'update',
      'conditional-update',
      // The queue hands on one of an order at a time; a lock of the killed one would outlast its lease.
      { endpoint: 'endpoint', collection: 'salesorders', rule: 'overwrite', serialize: false },
      [['settle'], ['settle']],
    ),
    node('settle', 'update-queue', { action: 'settle', store: 'store' }, [
      ['count-done'],
      ['count-again'],
      ['count-given-up'],
    ]),
  ];
}

const COUNTED = ['done', 'again', 'superseded', 'given-up'];

function counting() {
  return [
    ...COUNTED.map(name =>
      script(
        `count-${name}`,
        `context.flow.set('${name}', (context.flow.get('${name}') ?? 0) + 1);`,
        [],
      ),
    ),
    node('counts-in', 'http in', { url: '/counts', method: 'get' }, [['counts']]),
    script(
      'counts',
      `msg.payload = Object.fromEntries(${JSON.stringify(COUNTED)}.map(name => [name, context.flow.get(name) ?? 0]));
return msg;`,
      [['out']],
    ),
  ];
}

/**
 * @param {string} id @param {string} type @param {Record<string, unknown>} settings
 * @param {readonly (readonly string[])[]} wires
 */
function node(id, type, settings, wires) {
  return { id, type, z: 'tab', x: 100, y: 100, ...settings, wires };
}

/** @param {string} id @param {string} func @param {readonly (readonly string[])[]} wires */
function script(id, func, wires) {
  return node(id, 'function', { func, outputs: wires.length }, wires);
}
