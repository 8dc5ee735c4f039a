import type { ApiRequest } from '../http/reply';
import type { Row } from '../records/store';

/** What of a list one answer holds. */
export interface Page {
  readonly rows: readonly Row[];
  /** Where the rest is; undefined on the last page. */
  readonly next: string | undefined;
}

/** What a query says of the rows, besides its filter. */
interface Cut {
  readonly top: number;
  readonly skip: number;
}

/** The query option that says where a page begins. */
export const SKIP_TOKEN = '$skiptoken';

/**
 * Server-driven paging (OData Protocol 11.2.6.7): at most `most` rows, and a link to the rest with the
 * same query. `top` limits all pages together.
 */
export function pageOf(request: ApiRequest, all: Iterable<Row>, cut: Cut, most: number): Page {
  const rows = [...all].slice(0, cut.top);
  const end = cut.skip + most;
  const isLast = rows.length <= end;
  return { rows: rows.slice(cut.skip, end), next: isLast ? undefined : linkTo(request, end) };
}

/** What `Prefer: odata.maxpagesize` leaves of the service's own size of a page. */
export function preferredSize({ headers }: ApiRequest, own: number): number {
  const [, size] =
    /(?:^|[\s,;])(?:odata\.)?maxpagesize\s*=\s*"?(\d{1,6})/i.exec(String(headers.prefer ?? '')) ??
    [];
  return size === undefined || Number(size) === 0 ? own : Math.min(own, Number(size));
}

function linkTo({ path, query, headers }: ApiRequest, from: number): string {
  const others = query
    .split('&')
    .filter(option => option !== '' && !/^(?:\$|%24)skiptoken=/i.test(option));
  const options = [...others, `${SKIP_TOKEN}=${String(from)}`].join('&');
  return `http://${headers.host ?? '127.0.0.1'}${path}?${options}`;
}
