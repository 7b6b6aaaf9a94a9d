// Pushes tags to registries in turn, a round each, and compares how long a push takes, and what memory their processes hold: events.mjs PUSHES ROUNDS NAME=URL=PID...
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import http from 'node:http';

const [pushes, rounds, ...servers] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const digestOf = bytes => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const config = Buffer.from('{}');

const send = (method, url, body, type) => new Promise((resolve, reject) => {
  const request = http.request(url, { method, agent, headers: { 'Content-Length': body.length, ...(type ? { 'Content-Type': type } : {}) } }, answer => {
    answer.resume();
    answer.on('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error(`${answer.statusCode} for ${url}`))));
  });
  request.on('error', reject);
  request.end(body);
});

const memory = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const all = servers.map(text => {
  const [name, url, pid] = text.split('=');
  return { name, url, pid, times: [], memories: [] };
});
let number = 0;
for (let round = 0; round <= rounds; round++) {
  for (const server of all) {
    const repository = `team/app${round % 5}`;
    await send('POST', `${server.url}/v2/${repository}/blobs/uploads/?digest=${digestOf(config)}`, config);
    const times = [];
    const lanes = Array.from({ length: 4 }, async () => {
      for (let i = 0; i < pushes / 4; i++) {
        const manifest = Buffer.from(JSON.stringify({
          schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [],
          config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length }, annotations: { n: `${++number}` },
        }));
        const begin = performance.now();
        await send('PUT', `${server.url}/v2/${repository}/manifests/v${i}`, manifest, 'application/vnd.oci.image.manifest.v1+json');
        times.push(performance.now() - begin);
      }
    });
    await Promise.all(lanes);
    // The first round warms up.
    if (round === 0) continue;
    server.times.push(...times);
    server.memories.push(memory(server.pid));
  }
}

const [first] = all;
for (const server of all) server.times.sort((a, b) => a - b);
console.log('| endpoint | pushes | median ms | ratio | 95th percentile ms | ratio | MiB after the first and the last round |');
console.log('|---|---|---|---|---|---|---|');
for (const { name, times, memories } of all) {
  const [median, late] = [at(times, 0.5), at(times, 0.95)];
  console.log(`| ${name} | ${times.length} | ${median.toFixed(2)} | ${(median / at(first.times, 0.5)).toFixed(2)} | ${late.toFixed(2)} | ${(late / at(first.times, 0.95)).toFixed(2)} | ${memories[0].toFixed(0)}, ${memories.at(-1).toFixed(0)} |`);
}
agent.destroy();
