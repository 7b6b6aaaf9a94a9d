// What a month costs, from counted calls and list prices. Prints the tables of docs/costs.md; infra/check.sh compares them.
//
//   node infra/costs.mjs
import fs from 'node:fs';

const HOURS = 730;

// US dollars, list prices of East US. Blob: hot tier, LRS.
const PRICES = {
  blobGbMonth: 0.0208,
  blobWritesPer10k: 0.05,
  blobReadsPer10k: 0.004,
  tableGbMonth: 0.045,
  tableCallsPer10k: 0.00036,
  queueCallsPer10k: 0.00036, // not listed; taken as that of tables
  flexGbSecond: 0.000026,
  flexMillionExecutions: 0.4,
  flexReadyGbSecond: 0.000004,
  appCoreSecond: 0.000024,
  appIdleCoreSecond: 0.000003,
  appGibSecond: 0.000003,
  appMillionRequests: 0.4,
  freeCoreSeconds: 180_000,
  freeGibSeconds: 360_000,
  freeRequests: 2_000_000,
  freeGbSeconds: 100_000,
  freeExecutions: 250_000,
};

const ACR = [
  { name: 'ACR Basic', day: 0.167, gb: 10 },
  { name: 'ACR Standard', day: 0.667, gb: 100 },
  { name: 'ACR Premium', day: 1.667, gb: 500 },
];

// Calls to tables and to objects; tests assert each. The image has a config and three layers.
const CALLS = JSON.parse(fs.readFileSync(new URL('facts/calls.json', import.meta.url), 'utf8'));
const [TABLE, OBJECT] = [0, 1];
const BLOBS = 4;
const BLOCK_MIB = 8;
// The challenge and the token. With a name and a password that nobody has used for an hour.
const TOKEN = { requests: 2, table: CALLS.token[TABLE] + CALLS.tokenOnceAnHour[TABLE] };
const PULL = {
  requests: TOKEN.requests + 2 + BLOBS, // HEAD and GET of the manifest, GET of each blob
  table: TOKEN.table + 2 * CALLS.manifestRead[TABLE] + BLOBS * CALLS.blobGet[TABLE],
  blobReads: BLOBS, // by the client, where the redirect leads
  seconds: 2, // during which an instance is at work for it
};
const push = (newBlobs, mib) => ({
  requests: TOKEN.requests + BLOBS + 3 * newBlobs + 1, // HEAD of each blob; POST, PATCH, PUT of a new one; PUT of the manifest
  table: TOKEN.table + BLOBS * CALLS.blobHead[TABLE] + newBlobs * CALLS.uploadChunked[TABLE] + CALLS.manifestPut[TABLE] + BLOBS * CALLS.manifestPutBlobMore[TABLE],
  // One block of each is counted in the upload.
  blobWrites: newBlobs * CALLS.uploadChunked[OBJECT] + Math.max(0, Math.ceil(mib / BLOCK_MIB) - newBlobs) * CALLS.uploadBlockMore[OBJECT],
  seconds: 2 + mib / 20,
});

// One timer, every third hour. It looks which tasks are due, and claims, does and releases each. There is nothing to do for them. The Functions host makes ten calls for its
// leases and notes, and an instance is there for two seconds.
const INTERVALS = { CollectGarbage: 1, PurgeTokens: 24, ApplyRetention: 24, Verify: 24 * 7, ImportImages: 1 }; // hours; more often than there are looks nothing is done
function timer(hours) {
  const runs = HOURS / hours;
  const callsOfTask = (name, kind) => CALLS.taskClaim[kind] + CALLS[name][kind] + CALLS.taskRelease[kind];
  const calls = kind => runs * CALLS.maintenanceLook[kind] + Object.entries(INTERVALS).reduce((sum, [name, interval]) => sum + (HOURS / Math.max(interval, hours)) * callsOfTask(name, kind), 0);
  return { runs, table: calls(TABLE), objects: calls(OBJECT), hostWrites: runs * 10, seconds: 2 };
}
const TIMER = timer(3);

// Events for one endpoint. The repository that is pushed to has some, and each new blob.
const EVENTS = {
  places: 1 + 2,
  table: CALLS.eventAnnounce[TABLE] + CALLS.eventDelivery[TABLE], // a row that says so, before the change, whose batch brings the events; claim read and written, events read, events deleted together, claim written back
  queue: 3, // a message put, taken, deleted
  seconds: 2, // during which an instance tells of all events of a push
  lookSeconds: 10, // how often the platform looks whether there are messages, while nothing runs
};
function eventsMonth(pushes) {
  const looks = (HOURS * 3600) / EVENTS.lookSeconds;
  const places = pushes * EVENTS.places;
  const [table, queue] = [places * EVENTS.table, places * EVENTS.queue];
  const calls = (table / 1e4) * PRICES.tableCallsPer10k + ((looks + queue) / 1e4) * PRICES.queueCallsPer10k;
  const compute = busySeconds(pushes, EVENTS.seconds, HOURS) * 2 * PRICES.flexGbSecond + (places / 1e6) * PRICES.flexMillionExecutions;
  return { looks, queue, table, places, calls, compute };
}

const SCENARIOS = [
  { name: 'idle', gb: 5, pulls: 0, pushes: 0, busyHours: HOURS },
  { name: 'team of 10', gb: 50, pulls: 8_800, pushes: 880, newBlobs: 2, mib: 40, busyHours: 176 },
  { name: 'one million pulls', gb: 50, pulls: 1_000_000, pushes: 880, newBlobs: 2, mib: 40, busyHours: HOURS },
];

// Seconds during which at least one of so many requests that come at random is under way: an instance serves many at a time and is paid for once.
const busySeconds = (count, each, hours) => (count === 0 ? 0 : hours * 3600 * (1 - Math.exp(-(count * each) / (hours * 3600))));

function month(s, instanceGb) {
  const p = s.pushes ? push(s.newBlobs, s.mib) : { requests: 0, table: 0, blobWrites: 0, seconds: 0 };
  const executions = s.pulls * PULL.requests + s.pushes * p.requests + TIMER.runs;
  const seconds = busySeconds(s.pulls, PULL.seconds, s.busyHours) + busySeconds(s.pushes, p.seconds, s.busyHours) + TIMER.runs * TIMER.seconds;
  const gbSeconds = seconds * instanceGb;
  const table = s.pulls * PULL.table + s.pushes * p.table + TIMER.table;
  const reads = s.pulls * PULL.blobReads;
  const writes = s.pushes * p.blobWrites + TIMER.objects + TIMER.hostWrites;
  const compute = (free) =>
    Math.max(0, gbSeconds - (free ? PRICES.freeGbSeconds : 0)) * PRICES.flexGbSecond +
    (Math.max(0, executions - (free ? PRICES.freeExecutions : 0)) / 1e6) * PRICES.flexMillionExecutions;
  const stored = s.gb * PRICES.blobGbMonth;
  const calls = (table / 1e4) * PRICES.tableCallsPer10k + (reads / 1e4) * PRICES.blobReadsPer10k + (writes / 1e4) * PRICES.blobWritesPer10k;
  return { executions, gbSeconds, table, reads, writes, stored, calls, compute: compute(false), computeFree: compute(true) };
}

// Container apps: a replica stays for five minutes after its last request, and is paid for until it goes.
const LINGER = 300;
const APP = { cores: 0.5, gib: 1 };
const JOB = { runs: TIMER.runs, seconds: 10 };

// Seconds at work, then those that a replica only waits because there must be one.
function appDollars(seconds, requests, free, idle = 0) {
  const over = (used, granted) => Math.max(0, used - (free ? granted : 0));
  return (
    over(seconds * APP.cores, PRICES.freeCoreSeconds) * PRICES.appCoreSecond +
    idle * APP.cores * PRICES.appIdleCoreSecond +
    over((seconds + idle) * APP.gib, PRICES.freeGibSeconds) * PRICES.appGibSecond +
    (over(requests, PRICES.freeRequests) / 1e6) * PRICES.appMillionRequests
  );
}

// The app that takes uploads beside Functions: awake for each push, while Functions have the short requests of it only.
function uploadsHost(s) {
  const p = push(s.newBlobs, s.mib);
  const seconds = busySeconds(s.pushes, p.seconds + LINGER, s.busyHours);
  const held = busySeconds(s.pulls, PULL.seconds, s.busyHours) + busySeconds(s.pushes, p.seconds, s.busyHours);
  const short = busySeconds(s.pulls, PULL.seconds, s.busyHours) + busySeconds(s.pushes, 2, s.busyHours);
  return { seconds, app: appDollars(seconds, s.pushes * 2 * s.newBlobs, false), appFree: appDollars(seconds, s.pushes * 2 * s.newBlobs, true), saved: (held - short) * 2 * PRICES.flexGbSecond };
}

// Compute for so many pulls, spread over the month, with the free grant of each.
function byLoad(pulls) {
  const requests = pulls * PULL.requests;
  const flex = month({ gb: 0, pulls, pushes: 0, busyHours: HOURS }, 2).computeFree;
  const job = JOB.runs * JOB.seconds, atWork = busySeconds(pulls, PULL.seconds, HOURS), awake = busySeconds(pulls, PULL.seconds + LINGER, HOURS);
  return [flex, appDollars(awake + job, requests, true), appDollars(atWork + job, requests, true, HOURS * 3600 - atWork)];
}

const dollars = x => `$${x.toFixed(2)}`;
const count = x => Math.round(x).toLocaleString('en-US');
const row = cells => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

// What a timer costs alone, without the free grant.
function timerDollars(t) {
  return (
    (t.table / 1e4) * PRICES.tableCallsPer10k + ((t.objects + t.hostWrites) / 1e4) * PRICES.blobWritesPer10k +
    t.runs * t.seconds * 2 * PRICES.flexGbSecond + (t.runs / 1e6) * PRICES.flexMillionExecutions
  );
}

const months = SCENARIOS.map(s => ({ s, m: month(s, 2), small: month(s, 0.5) }));
const total = (m, free) => m.stored + m.calls + (free ? m.computeFree : m.compute);

console.log(table(['a month of', 'stored', 'pulls', 'pushes', 'executions', 'GB-s', 'table calls', 'blob reads', 'blob writes'],
  months.map(({ s, m }) => [s.name, `${s.gb} GB`, count(s.pulls), count(s.pushes), count(m.executions), count(m.gbSeconds), count(m.table), count(m.reads), count(m.writes)])));
console.log();
console.log(table(['dollars a month', ...SCENARIOS.map(s => s.name)], [
  ['storage', ...months.map(({ m }) => dollars(m.stored))],
  ['calls to storage', ...months.map(({ m }) => dollars(m.calls))],
  ['instances of 2,048 MiB', ...months.map(({ m }) => dollars(m.compute))],
  ['**all, without the free grant**', ...months.map(({ m }) => `**${dollars(total(m, false))}**`)],
  ['**all, with the free grant**', ...months.map(({ m }) => `**${dollars(total(m, true))}**`)],
  ['all, instances of 512 MiB, with the free grant', ...months.map(({ small }) => dollars(total(small, true)))],
  ...ACR.map(a => [`${a.name}, ${a.gb} GB included`, ...SCENARIOS.map(s => dollars((a.day * 365) / 12) + (s.gb > a.gb ? ` and ${s.gb - a.gb} GB more` : ''))]),
]));
console.log();
console.log(table(['the timer looks', 'times a month', 'dollars a month'],
  [['every third hour', 3], ['every hour', 1], ['every five minutes', 1 / 12]].map(([name, hours]) => [name, count(HOURS / hours), dollars(timerDollars(timer(hours)))])));
console.log();
const withUploads = SCENARIOS.filter(s => s.pushes > 0).map(s => ({ s, u: uploadsHost(s) }));
console.log(table(['the app for uploads, dollars a month', ...withUploads.map(({ s }) => s.name)], [
  ['hours awake', ...withUploads.map(({ u }) => count(u.seconds / 3600))],
  ['without the free grant', ...withUploads.map(({ u }) => dollars(u.app))],
  ['with the free grant', ...withUploads.map(({ u }) => dollars(u.appFree))],
  ['less on Functions, which hold no layers then', ...withUploads.map(({ u }) => dollars(u.saved))],
]));
console.log();
console.log(table(['pulls a month', 'Functions, 2,048 MiB', 'Container Apps, to zero', 'Container Apps, one replica always'],
  [0, 1_000, 10_000, 100_000, 300_000, 600_000, 1_000_000, 3_000_000].map(pulls => {
    const all = byLoad(pulls);
    const least = dollars(Math.min(...all));
    return [count(pulls), ...all.map(each => (dollars(each) === least ? `**${least}**` : dollars(each)))];
  })));
console.log();
const told = [0, 880, 10_000].map(pushes => ({ pushes, e: eventsMonth(pushes) }));
console.log(table(['events for one endpoint, Functions', ...told.map(({ pushes }) => `${count(pushes)} pushes a month`)], [
  ['looks whether there are messages', ...told.map(({ e }) => count(e.looks))],
  ['other queue calls', ...told.map(({ e }) => count(e.queue))],
  ['table calls', ...told.map(({ e }) => count(e.table))],
  ['executions', ...told.map(({ e }) => count(e.places))],
  ['calls to storage, dollars a month', ...told.map(({ e }) => dollars(e.calls))],
  ['instances of 2,048 MiB, without the free grant', ...told.map(({ e }) => dollars(e.compute))],
]));
console.log();
const ready = n => n * HOURS * 3600 * 2 * PRICES.flexReadyGbSecond;
console.log(table(['instances of 2,048 MiB that are always ready', 'how many', 'dollars a month'], [
  ['`alwaysReadyInstances` = 1', '1', dollars(ready(1))],
  ['`alwaysReadyInstances` = 2', '2', dollars(ready(2))],
  ['zones: two for HTTP and two for the timer, whatever is set', '4', dollars(ready(4))],
  ['zones and events: two more for what delivers them', '6', dollars(ready(6))],
]));
