// APIs that check no version. Where the rules of each are written down: docs/systems.md.
import type { Reply } from '../scripted-server';
import { JSON_TYPE, membersOf, type PlayedApi } from './played-api';

const ISSUE = '/rest/api/2/issue/QA-31';

const jiraErrors = (
  status: number,
  messages: readonly string[],
  errors: Record<string, string>,
): Reply => ({ status, body: { errorMessages: messages, errors } });

export const JIRA: PlayedApi = {
  recipe: 'jira',
  base: '/rest/api/2',
  collection: 'issue',
  key: 'QA-31',
  method: 'PATCH',
  values: { summary: 'Leak', description: 'n0' },
  changes: { summary: 'Leak, closed' },
  noise: { description: 'theirs' },
  theirs: { summary: 'Leak?' },
  refused: {
    changes: { nonsense: 'x' },
    outcome: 'rejected',
    message: "Field 'nonsense' cannot be set. It is not on the appropriate screen, or unknown.",
  },
  wrong: [
    {
      what: 'changes without "fields"',
      status: 400,
      method: 'PUT',
      path: ISSUE,
      headers: JSON_TYPE,
      body: '{"summary":"x"}',
    },
    { what: 'PATCH', status: 405, method: 'PATCH', path: ISSUE, body: '{"fields":{}}' },
  ],
  answer({ method, path, query, json }, record) {
    const { values } = record;
    if (path !== ISSUE) return jiraErrors(404, ['Issue does not exist'], {});
    if (method === 'GET') {
      const names = query.get('fields')?.split(',') ?? Object.keys(values);
      const shown = names.filter(name => name in values).map(name => [name, values[name]]);
      const fields: unknown = Object.fromEntries(shown);
      return { status: 200, body: { id: '10031', key: 'QA-31', self: 'x', fields } };
    }
    if (method !== 'PUT') return { status: 405, body: '' };
    const { fields } = membersOf(json);
    if (fields === undefined) {
      return jiraErrors(400, ["one of 'fields' or 'update' required"], {});
    }
    const unknown = Object.keys(membersOf(fields)).find(name => !(name in values));
    if (unknown !== undefined) {
      const text = `Field '${unknown}' cannot be set. It is not on the appropriate screen, or unknown.`;
      return jiraErrors(400, [], { [unknown]: text });
    }
    record.write(membersOf(fields));
    return { status: 204 };
  },
};

const INCIDENT = '/api/now/table/incident/9d385017c611228701d22104cc95c371';
const nowError = (status: number, message: string, detail: string): Reply => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});

export const SERVICENOW: PlayedApi = {
  recipe: 'servicenow',
  base: '/api/now/table',
  collection: 'incident',
  key: '9d385017c611228701d22104cc95c371',
  method: 'PATCH',
  values: { state: '2', work_notes: '', sys_mod_count: '4' },
  changes: { state: '6' },
  noise: { work_notes: 'theirs' },
  theirs: { state: '3' },
  refused: {
    changes: { state: '99' },
    outcome: 'invalid-state',
    message: "Operation against file 'incident' was aborted by Business Rule 'Check state'",
  },
  wrong: [
    { what: 'no JSON', status: 400, method: 'PATCH', path: INCIDENT, body: 'state=6' },
    {
      what: 'a record that is not there',
      status: 404,
      method: 'GET',
      path: '/api/now/table/incident/0',
    },
  ],
  answer({ method, path, query, json }, record) {
    if (path !== INCIDENT) {
      return nowError(
        404,
        'No Record found',
        "Record doesn't exist or ACL restricts the record retrieval",
      );
    }
    if (method === 'GET') {
      const names = query.get('sysparm_fields')?.split(',') ?? Object.keys(record.values);
      const shown = names.map(name => [name, record.values[name]]);
      return { status: 200, body: { result: Object.fromEntries(shown) as unknown } };
    }
    if (json === undefined) {
      return nowError(400, 'Exception while reading request', 'The payload is not valid JSON.');
    }
    if (membersOf(json).state === '99') {
      const detail = "Operation against file 'incident' was aborted by Business Rule 'Check state'";
      return nowError(403, 'Operation Failed', detail);
    }
    record.write(membersOf(json));
    return { status: 200, body: { result: record.values } };
  },
};

export const GITLAB: PlayedApi = {
  recipe: 'gitlab',
  base: '/api/v4',
  collection: 'projects',
  key: 'shop/orders',
  method: 'PATCH',
  values: { name: 'Orders', description: 'n0' },
  changes: { name: 'Sales orders' },
  noise: { description: 'theirs' },
  theirs: { name: 'Order desk' },
  refused: {
    changes: { name: '' },
    outcome: 'rejected',
    message: "can't be blank",
  },
  wrong: [
    {
      what: 'a path that is not encoded',
      status: 404,
      method: 'GET',
      path: '/api/v4/projects/shop/orders',
    },
    {
      what: 'PATCH',
      status: 405,
      method: 'PATCH',
      path: '/api/v4/projects/shop%2Forders',
      body: '{}',
    },
  ],
  answer({ method, path, json }, record) {
    if (path !== '/api/v4/projects/shop%2Forders')
      return { status: 404, body: { error: '404 Not Found' } };
    if (method === 'GET') return { status: 200, body: { id: 4, ...record.values } };
    if (method !== 'PUT') return { status: 405, body: { error: '405 Not Allowed' } };
    if (membersOf(json).name === '') {
      return { status: 400, body: { message: { name: ["can't be blank"] } } };
    }
    record.write(membersOf(json));
    return { status: 200, body: { id: 4, ...record.values } };
  },
};
