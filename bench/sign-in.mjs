// Loads the server of `dotnet run --project bench/Serverless.Benchmarks -- sign-in-server URL`; see sign-in.sh.
import fs from 'node:fs';
import http from 'node:http';

const [url, server, seconds, rate] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const agents = Object.fromEntries(['flood', 'others', 'known'].map(n => [n, new http.Agent({ keepAlive: true, maxSockets: n === 'others' ? 8 : 1000 })]));

function get(agent, path, headers) {
  return new Promise((resolve, reject) => {
    http.get(url + path, { agent: agents[agent], headers }, response => {
      const parts = [];
      response.on('data', part => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }));
    }).on('error', reject);
  });
}

const basic = (user, password) => ({ authorization: 'Basic ' + Buffer.from(`${user}:${password}`).toString('base64'), 'x-forwarded-for': anywhere() });
const anywhere = () => Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * 250)).join('.');
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const percentile = (values, p) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

async function signIn(user, times) {
  const began = performance.now();
  const answer = await get('known', '/token', basic(user, 'right'));
  if (answer.status !== 200) throw new Error(`${user} was answered ${answer.status}`);
  times.push(performance.now() - began);
}

// User and system time of the server, in seconds.
const cpu = () => fs.readFileSync(`/proc/${server}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').slice(11, 13).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);

// `rate` requests a second; answers how often each status came.
async function send(flood) {
  const statuses = {}, began = performance.now();
  let sent = 0;
  while (performance.now() - began < seconds * 1000) {
    for (; sent < (performance.now() - began) * rate / 1000; sent++) flood().then(a => statuses[a.status] = (statuses[a.status] ?? 0) + 1, () => statuses.broken = (statuses.broken ?? 0) + 1);
    await pause(5);
  }
  return statuses;
}

async function cores(flood) {
  const before = cpu();
  await send(flood);
  return (cpu() - before) / seconds;
}

// Token checks one after the other on each of 8 connections, beside `rate` requests a second of the flood and two sign-ins each half second.
let user = 1;
async function measure(flood) {
  const { token } = JSON.parse((await get('others', '/token?scope=repository:public/x:pull', {})).body);
  const proven = [], first = [];
  let checks = 0, on = true;
  const began = performance.now();
  const checkers = Array.from({ length: 8 }, async () => {
    while (on) {
      const answer = await get('others', '/v2/', { authorization: `Bearer ${token}` });
      if (answer.status !== 200) throw new Error(`a token was answered ${answer.status}`);
      checks++;
    }
  });
  const known = (async () => {
    while (on) await Promise.all([pause(500), signIn('user0', proven), signIn(`user${user++}`, first)]);
  })();
  const statuses = await send(flood);
  on = false;
  await Promise.all([known, ...checkers]);
  return { rate: checks / ((performance.now() - began) / 1000), statuses, proven, first };
}

await signIn('user0', []);
const plain = () => get('flood', '/v2/', {});
const bogus = () => get('flood', '/token', basic('x' + Math.random().toString(36).slice(2), 'wrong'));
// Until what is slow at first has been compiled.
await measure(plain);
await measure(bogus);
// In turn, so that a machine that others use too is as fast for the one as for the other.
const rounds = [];
for (let i = 0; i < 5; i++) rounds.push([await measure(plain), await measure(bogus)]);
const [plainCores, bogusCores] = [await cores(plain), await cores(bogus)];
const kept = percentile(rounds.map(([a, b]) => b.rate / a.rate), 0.5);
const [proven, first] = ['proven', 'first'].map(n => percentile(rounds.flatMap(([, b]) => b[n]), 0.95));
for (const [a, b] of rounds) console.log(`token checks a second: ${a.rate.toFixed(0)} beside plain 401s ${JSON.stringify(a.statuses)}, ${b.rate.toFixed(0)} beside bogus sign-ins ${JSON.stringify(b.statuses)}`);
console.log(`processors of the server   ${plainCores.toFixed(2)} for plain 401s alone, ${bogusCores.toFixed(2)} for bogus sign-ins alone`);
console.log(`token checks keep          ${(100 * kept).toFixed(0)} %   (at least 80)`);
console.log(`sign-in, 95th percentile   ${proven.toFixed(0)} ms for who signed in before   (at most 2000)`);
console.log(`                           ${first.toFixed(0)} ms for who did not   (at most 2000)`);
process.exit(kept >= 0.8 && proven <= 2000 && first <= 2000 ? 0 : 1);
