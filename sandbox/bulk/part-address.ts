/** Path and query of a part, or why there is none. */
export type PartAddress =
  { readonly path: string; readonly query: string } | { readonly problem: string };

/** Where a service is; `root` begins and ends with a slash. */
export interface Service {
  readonly host: string;
  readonly root: string;
}

/**
 * Resolves the URL of a part: relative to the service, with an absolute path, or absolute on the same
 * host (OData Protocol 11.7.2). Refuses what leaves the service, and a batch inside a batch.
 */
export function partAddress(url: string, { host, root }: Service): PartAddress {
  const [, origin, rest = url] = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(url) ?? [];
  if (origin !== undefined && !isOn(origin, host)) return outside(url);
  const mark = rest.indexOf('?');
  const given = mark < 0 ? rest : rest.slice(0, mark);
  const path = given.startsWith('/') ? given : root + given;
  if (!path.startsWith(root) || leaves(path)) return outside(url);
  if (/^\$batch$/i.test(path.slice(root.length))) {
    return { problem: 'A batch cannot hold another batch.' };
  }
  return { path, query: mark < 0 ? '' : rest.slice(mark + 1) };
}

function isOn(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

function leaves(path: string): boolean {
  return /[\s\\#]/.test(path) || path.split('/').some(part => /^(?:\.|%2e){1,2}$/i.test(part));
}

function outside(url: string): PartAddress {
  return { problem: `The URL '${url}' is not part of the service.` };
}
