const place = { z: 'tab', x: 100, y: 100 };

const said = (id: string, template: string) => ({
  ...place,
  id,
  type: 'template',
  field: 'payload',
  template,
  syntax: 'mustache',
  wires: [['out']],
});

/** Takes events by HTTP, checks and confirms them in a store, and answers `first`, `duplicate`, or the error. */
export const EVENT_FLOWS: readonly object[] = [
  { id: 'tab', type: 'tab' },
  { id: 'store', type: 'record-store' },
  { ...place, id: 'in', type: 'http in', url: '/events', method: 'post', wires: [['dedupe']] },
  {
    ...place,
    id: 'dedupe',
    type: 'event-dedupe',
    action: 'check-confirm',
    store: 'store',
    eventId: 'payload.id',
    wires: [['first'], ['duplicate']],
  },
  said('first', 'first'),
  said('duplicate', 'duplicate'),
  { ...place, id: 'catch', type: 'catch', scope: ['dedupe'], wires: [['error']] },
  said('error', '{{{error.code}}}: {{{error.message}}}'),
  { ...place, id: 'out', type: 'http response', wires: [] },
];

/** What is answered to one event. @param http where Node-RED serves its `http in` nodes */
export async function answerTo(http: string, id: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ id });
  return (await fetch(`${http}/events`, { method: 'POST', headers, body })).text();
}
