import type { SoakVerdict } from '../soak/judge';
import { rounded } from '../support/statistics';
import { table } from '../support/table';
import type { BulkFigures } from './bulk';
import type { BurstFigures } from './burst';
import type { CoordinationFigures } from './coordination';
import type { DedupeFigures } from './dedupe';
import { IN_FLIGHT, type FlowFigures, type InFlight } from './flow';
import type { GuardFigures } from './guard';
import type { HotRecordFigures } from './hot-record';
import type { IdleFigures } from './idle';
import type { MemoryFigures } from './memory';
import type { NoiseFigures, NoisePercent } from './noise';
import type { PickerFigures } from './pickers';
import type { RestFigures } from './rest';
import type { ReviewFigures } from './review';
import type { ReviewListFigures } from './review-list';
import type { ReviewSidebarFigures } from './review-sidebar';
import type { ShiftChangeFigures } from './shift-change';
import type { StartUpFigures } from './start-up';

/** Everything the benchmark measures; what `--json` prints. */
export interface Results {
  readonly flow?: Readonly<Record<InFlight, FlowFigures>>;
  readonly hotRecord?: HotRecordFigures;
  readonly noise?: Readonly<Record<NoisePercent, NoiseFigures>>;
  readonly memory?: MemoryFigures;
  readonly idle?: IdleFigures;
  readonly soak?: SoakVerdict;
  readonly dedupe?: DedupeFigures;
  readonly guard?: GuardFigures;
  readonly shiftChange?: ShiftChangeFigures;
  readonly burst?: BurstFigures;
  readonly bulk?: BulkFigures;
  readonly coordination?: CoordinationFigures;
  readonly rest?: RestFigures;
  readonly review?: ReviewFigures &
    ReviewListFigures & {
      readonly redis?: ReviewListFigures;
      readonly sidebar?: ReviewSidebarFigures;
    };
  readonly startup?: StartUpFigures;
  readonly pickers?: Readonly<Record<'v4' | 'v2' | 'dataverse', PickerFigures>>;
}

/** The results for people. */
export function tables(results: Results): string {
  const {
    flow,
    hotRecord,
    noise,
    memory,
    idle,
    soak,
    dedupe,
    guard,
    shiftChange,
    burst,
    bulk,
    coordination,
    review,
    pickers,
    rest,
    startup,
  } = results;
  return [
    ...(flow === undefined ? [] : flowTable(flow)),
    ...(hotRecord === undefined ? [] : hotRecordTable(hotRecord)),
    ...(noise === undefined ? [] : noiseTable(noise)),
    ...(memory === undefined ? [] : memoryTable(memory)),
    ...(idle === undefined ? [] : idleTable(idle)),
    ...(soak === undefined ? [] : soakTable(soak)),
    ...(dedupe === undefined ? [] : dedupeTable(dedupe)),
    ...(guard === undefined ? [] : guardTable(guard)),
    ...(shiftChange === undefined ? [] : shiftChangeTable(shiftChange)),
    ...(burst === undefined ? [] : burstTable(burst)),
    ...(bulk === undefined ? [] : bulkTable(bulk)),
    ...(coordination === undefined ? [] : coordinationTable(coordination)),
    ...(rest === undefined ? [] : restTable(rest)),
    ...(review === undefined ? [] : reviewTable(review)),
    ...(pickers === undefined ? [] : pickersTable(pickers)),
    ...(startup === undefined ? [] : startUpTable(startup)),
  ].join('\n');
}

function flowTable(flow: Readonly<Record<InFlight, FlowFigures>>): string[] {
  const columns = IN_FLIGHT.map(inFlight => flow[`${inFlight}`]);
  const row = (name: string, figure: (figures: FlowFigures) => string | number) => [
    name,
    ...columns.map(figure),
  ];
  const base = (name: string, figure: (figures: FlowFigures) => number | string | undefined) =>
    columns.every(column => figure(column) === undefined)
      ? []
      : [row(name, figures => figure(figures) ?? '')];
  return [
    '(a) read-modify-write, messages in flight',
    table([
      ['', ...IN_FLIGHT],
      row('speed, times the core http request flow', f => f.speedRatioToCore),
      row('client CPU, times the core http request flow', f => f.cpuRatioToCore),
      row('speed, times a plain undici pool', f => f.speedRatioToUndici),
      row('client CPU, times a plain undici pool', f => f.cpuRatioToUndici),
      ...base('speed, times the base build', f => f.speedRatioToBase),
      ...base('client CPU, times the base build', f => f.cpuRatioToBase),
      ...base('quartiles of that', f => f.cpuQuartilesToBase?.join(' – ')),
      row('requests per update', f => f.requestsPerUpdate),
      row('requests per update, message brings a snapshot', f => f.requestsPerUpdateWithSnapshot),
      row('updates/s: conditional-update', f => f.updatesPerSecond.node),
      row('updates/s: core nodes', f => f.updatesPerSecond.core),
      row('updates/s: undici', f => f.updatesPerSecond.undici),
      row('client CPU µs/update: conditional-update', f => f.cpuMicrosPerUpdate.node),
      row('client CPU µs/update: core nodes', f => f.cpuMicrosPerUpdate.core),
      row('client CPU µs/update: undici', f => f.cpuMicrosPerUpdate.undici),
      row('server, share of a core: conditional-update', f => f.serverCpu.node),
      row('server, share of a core: core nodes', f => f.serverCpu.core),
      row('server, share of a core: undici', f => f.serverCpu.undici),
    ]),
    ...saturationNote(flow['64']),
    '',
  ];
}

/** A server that has nothing left slows the fastest client first. */
function saturationNote({ serverCpu }: FlowFigures): string[] {
  const saturated = Object.entries(serverCpu).filter(([, share]) => share > 0.9);
  if (saturated.length === 0) return [];
  const names = saturated.map(([name]) => name).join(', ');
  return [`  The server was the bottleneck at 64 in flight for: ${names}.`];
}

function hotRecordTable({ requestsPerCommit, conflictsPerCommit }: HotRecordFigures): string[] {
  return [
    '(b) many updates of one record at once',
    table([
      ['', 'one at a time', 'unordered'],
      ['requests per commit', requestsPerCommit.locked, requestsPerCommit.unlocked],
      ['conflicts per commit', conflictsPerCommit.locked, conflictsPerCommit.unlocked],
    ]),
    '',
  ];
}

function noiseTable(noise: Readonly<Record<NoisePercent, NoiseFigures>>): string[] {
  const row = (name: string, figure: (figures: NoiseFigures) => number) => [
    name,
    figure(noise['15']),
    figure(noise['40']),
  ];
  return [
    '(c) default policy against waits of 0.5, 1.5, 4 s',
    table([
      ['', '15 % noise', '40 % noise'],
      row('mean time, ratio', f => f.meanRatioToSchedule),
      row('99th percentile, ratio', f => f.p99RatioToSchedule),
      row('success, default', f => f.successDefault),
      row('success, list', f => f.successSchedule),
      row('mean ms, default', f => f.meanMs.default),
      row('mean ms, list', f => f.meanMs.schedule),
    ]),
    '',
  ];
}

function memoryTable({ growthPercent, heapMegabytes }: MemoryFigures): string[] {
  return [
    '(d) heap after garbage collection',
    table([
      ['MB at the first look', heapMegabytes.before],
      ['MB at the second look', heapMegabytes.after],
      ['growth in percent', growthPercent],
    ]),
    '',
  ];
}

function idleTable({ rssMegabytes, plainRssMegabytes, addedMegabytes }: IdleFigures): string[] {
  return [
    '(p) memory of a Node-RED that has nothing to do, MB of the operating system',
    table([
      ['without the package', plainRssMegabytes],
      ['with it', rssMegabytes],
      ['what it adds', addedMegabytes],
    ]),
    '',
  ];
}

function soakTable(verdict: SoakVerdict): string[] {
  const { outcomes, ...figures } = verdict;
  return [
    '(e) soak at peak noise with faults',
    table(Object.entries(figures)),
    outcomesLine(outcomes),
    '',
  ];
}

function outcomesLine(outcomes: Readonly<Record<string, number>>): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  return `  outcomes: ${counts.join(', ')}`;
}

function dedupeTable({ eventsPerSecond, bytesPerId, ids }: DedupeFigures): string[] {
  return [
    '(f) events let through once',
    table([
      ['events/s, checked and confirmed in a file, 64 in flight', eventsPerSecond],
      [`bytes per id at ${ids} remembered ids`, bytesPerId],
    ]),
    '',
  ];
}

function restTable({ cpuRatioToFamily, cpuMicrosPerUpdate }: RestFigures): string[] {
  return [
    '(n) work orders by the described exchange of generic REST',
    table([
      ['CPU, times the built-in family', cpuRatioToFamily],
      ['CPU of an update, described, µs', cpuMicrosPerUpdate.described],
      ['CPU of an update, built-in family, µs', cpuMicrosPerUpdate.family],
    ]),
    '',
  ];
}

function reviewTable(figures: NonNullable<Results['review']>): string[] {
  const { monitorCpuShare, monitorMicros, entries, redis, sidebar } = figures;
  return [
    '(l) conflicts seen',
    table([
      ['counting an update, share of its CPU time', `${rounded(100 * monitorCpuShare, 2)} %`],
      ['the same in µs', monitorMicros],
      [`${String(entries)} dead letters looked through at the start, ms`, figures.startMs],
      ['their first page as JSON, ms', figures.firstPageMs],
      ['a search in all of them, ms', figures.searchMs],
      ['their memory, MB', figures.memoryMb],
      ['replays/s, stored twice each, without network', figures.replaysPerSecond],
      ...(redis === undefined
        ? []
        : [
            ['on Redis: looked through at the start, ms', redis.startMs],
            ['on Redis: first page as JSON, ms', redis.firstPageMs],
            ['on Redis: a search, ms', redis.searchMs],
            ['on Redis: replays/s', redis.replaysPerSecond],
          ]),
      ...(sidebar === undefined
        ? []
        : [
            ['in a browser: first paint of the sidebar, ms', sidebar.firstPaintMs],
            ['in a browser: a search, from the last letter to the paint, ms', sidebar.searchMs],
          ]),
    ]),
    '',
  ];
}

function guardTable({ perSecond }: GuardFigures): string[] {
  return ['(g) transition guard', table([['evaluations/s', perSecond]]), ''];
}

function shiftChangeTable({
  meanMs,
  p99Ms,
  withoutPerson,
  outcomes,
}: ShiftChangeFigures): string[] {
  return [
    '(h) machine events at shift change, from when they were due to their end',
    table([
      ['mean ms', meanMs],
      ['99th percentile, ms', p99Ms],
      ['share without a person', withoutPerson],
    ]),
    outcomesLine(outcomes),
    '',
  ];
}

function burstTable({ base, ...figures }: BurstFigures): string[] {
  const { rows, latencyMs, parallel, boundMs } = figures;
  const row = (name: string, figure: 'written' | 'requestsPerRow' | 'wallRatio') => [
    name,
    figures[figure],
    ...(base === undefined ? [] : [base[figure]]),
  ];
  return [
    `(i) ${rows} rows at once, ${latencyMs} ms a request, ${parallel} at a time`,
    table([
      ...(base === undefined ? [] : [['', 'this build', 'base build']]),
      row('rows written', 'written'),
      row('requests per row', 'requestsPerRow'),
      row(`time, to the ${boundMs} ms that it takes at least`, 'wallRatio'),
      ['read to write, 95th percentile, ms', figures.readToWriteP95Ms],
    ]),
    '',
  ];
}

function bulkTable({ lag, ...figures }: BulkFigures): string[] {
  const { outcomes, ...verdict } = lag;
  return [
    `(j) lists of ${figures.records} records, 20 ms a request`,
    table([
      ['requests', figures.calls],
      ['time, times one update after the other', figures.timeRatioToSerial],
      ['time, times single updates, 8 in flight', figures.timeRatioToParallel8],
      ['client CPU, times single updates, 8 in flight', figures.cpuRatioToSingle],
      ['ms: list', figures.ms.list],
      ['ms: one after the other, from a part of them', figures.ms.serial],
      ['ms: 8 in flight', figures.ms.parallel8],
      ['client CPU µs/record: list', figures.cpuMicrosPerRecord.list],
      ['client CPU µs/record: single updates', figures.cpuMicrosPerRecord.single],
      ['15 % noise: requests', figures.noise.calls],
      ['15 % noise: records updated', figures.noise.updated],
      ...Object.entries(verdict).map(([name, value]) => [`30 % noise, 2 s behind: ${name}`, value]),
      [`${figures.long} records: heap, times the list as JSON`, figures.memoryRatioToPayload],
      [`${figures.long} records: growth exponent of the time`, figures.growthExponent],
      [`${figures.long} records: growth exponent of the CPU time`, figures.cpuGrowthExponent],
      [`${figures.long} records: ms without latency`, figures.ms.long],
      ...Object.entries(figures.odata).flatMap(([form, { calls, ms }]) => [
        [`OData, ${form}: requests`, calls],
        [`OData, ${form}: ms`, ms],
      ]),
    ]),
    outcomesLine(outcomes),
    '',
  ];
}

function coordinationTable(figures: CoordinationFigures): string[] {
  const { locks, queue, durable, backlog, recovery, requestsPerCommit } = figures;
  return [
    '(k) one record, one writer, across processes',
    table([
      ['32 wait for one lock: time, times the same work one after the other', locks.handOverRatio],
      ['32 wait for one lock: fairness, of 1', locks.jain],
      ['32 wait for one lock: speed, times redis-semaphore', locks.speedRatioToSemaphore],
      ['lock and unlock at 64 keys, times two plain commands', locks.rateRatioToRoundTrips],
      ['lock and unlock in one process, a second', locks.inProcessPerSecond],
      ['put into the queue, times add of BullMQ', queue.putRatioToBullmq],
      ['take and done, times what BullMQ processes', queue.processRatioToBullmq],
      ...Object.entries(queue.perSecond).map(([name, rate]) => [`a second: ${name}`, rate]),
      ['from put to start, 95th percentile, ms', queue.putToStart.p95Ms],
      ['from put to start, times two round trips and 3 ms', queue.putToStart.ratioToLimit],
      ...Object.entries(durable.putRatioToAppend).map(([inFlight, ratio]) => [
        `put with a file, ${inFlight} in flight, times its appends`,
        ratio,
      ]),
      ...Object.entries(backlog.bytesBeyondPayload).map(([where, bytes]) => [
        `${backlog.records} records wait, ${where}: bytes each beyond ${backlog.payloadBytes}`,
        bytes,
      ]),
      ...Object.entries(recovery.nextOwnerMs).map(([what, ms]) => [
        `killed holder: ms from the end of its ${what} to the next owner`,
        ms,
      ]),
      ...Object.entries(recovery.closeMs).map(([how, ms]) => [`Redis ${how}: ms to close`, ms]),
      ['4 processes, one record: requests per commit, merged in a queue', requestsPerCommit.merged],
      ['4 processes, one record: requests per commit, in turn', requestsPerCommit.oneAtATime],
      ['one process, one record: requests per commit, in turn', requestsPerCommit.oneProcess],
    ]),
    '',
  ];
}

function startUpTable({ requireRatioToFirst, ...figures }: StartUpFigures): string[] {
  const rows = Object.entries(figures).map(([name, { now, first }]) => [name, now, first]);
  return [
    '(o) loading all nodes when Node-RED starts',
    table([
      ['', 'this build', '0.1.0-rc.1'],
      ...rows,
      ['time, times 0.1.0-rc.1', requireRatioToFirst, ''],
    ]),
    '',
  ];
}

function pickersTable(figures: NonNullable<Results['pickers']>): string[] {
  const apis = ['v4', 'v2', 'dataverse'] as const;
  const row = (name: string, figure: keyof PickerFigures) => [
    name,
    ...apis.map(api => figures[api][figure]),
  ];
  return [
    '(m) lists of names in a dialog, ms',
    table([
      ['', 'OData V4', 'OData V2', 'Dataverse'],
      row('record sets, read from the API', 'firstMs'),
      row('fields of one table, on a fresh page', 'fieldsMs'),
      row('record sets known before, on a fresh page', 'cachedMs'),
    ]),
    '',
  ];
}
