// Pushes, moves tags, deletes and leaves uploads for later until the registry is gone, or checks that what it acknowledged is so.
//
//   node client.mjs work URL JOURNAL SEED
//   node client.mjs check URL JOURNAL
//
// A line of JOURNAL, as JSON, for each thing that is about to be asked for and cannot be taken back, and for each answer. `check` goes on with uploads that were left, so there are none afterwards.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';

const [command, url, journal, seed] = process.argv.slice(2);
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const WORKERS = 6;
const agent = new http.Agent({ keepAlive: true });

const note = line => appendFileSync(journal, `${JSON.stringify(line)}\n`);
const digestOf = bytes => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const bytesOf = (text, size) => createHash('shake256', { outputLength: size }).update(text).digest();

const ask = (method, target, { body, headers = {}, chunked = false } = {}) => new Promise((resolve, reject) => {
  const request = http.request(new URL(target, url), { method, agent, headers: { ...headers, ...(body && !chunked ? { 'Content-Length': body.length } : {}) } }, answer => {
    const parts = [];
    answer.on('data', part => parts.push(part));
    answer.on('error', reject);
    answer.on('aborted', () => reject(new Error('aborted')));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
  });
  request.on('error', reject);
  request.setTimeout(60_000, () => request.destroy(new Error('timeout')));
  request.end(body);
});

class Refused extends Error {}
const must = async (expected, method, target, options) => {
  const answer = await ask(method, target, options);
  if (answer.status !== expected) throw new Refused(`${method} ${target}: ${answer.status} in place of ${expected}: ${answer.body}`);
  return answer;
};
const withDigest = (location, digest) => `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;

// --- work --------------------------------------------------------------------------------------------------------------------------------------

const work = async worker => {
  let state = BigInt(`0x${createHash('sha256').update(`${seed} ${worker}`).digest('hex').slice(0, 16)}`), made = 0;
  const die = below => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  };
  const name = () => `${seed}.${worker}.${made++}`;
  const size = () => die(12) === 0 ? 1 + die(9_000_000) : 1 + die(200_000);
  const own = [];

  const upload = async (repository, bytes, way = die(4)) => {
    const digest = digestOf(bytes);
    const path = `/v2/${repository}/blobs/uploads/`;
    if (way === 0) {
      await must(201, 'POST', `${path}?digest=${digest}`, { body: bytes });
    } else {
      let { location } = (await must(202, 'POST', path)).headers;
      if (way === 1) {
        await must(201, 'PUT', withDigest(location, digest), { body: bytes });
      } else {
        const parts = way === 2 ? [bytes] : [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)].filter(p => p.length);
        for (const part of parts) location = (await must(202, 'PATCH', location, { body: part, chunked: way === 2 })).headers.location;
        await must(201, 'PUT', withDigest(location, digest));
      }
    }

    note({ what: 'blob', repository, digest });
    return { digest, size: bytes.length };
  };

  const push = async () => {
    const repository = `loss/app${die(4)}`;
    const config = await upload(repository, bytesOf(name(), 200 + die(2000)));
    const layers = [];
    for (let i = die(3); i >= 0; i--) layers.push(await upload(repository, bytesOf(name(), size())));
    if (own.length && die(4) === 0) {
      const from = own[die(own.length)];
      const answer = await ask('POST', `/v2/${repository}/blobs/uploads/?mount=${from.layer.digest}&from=${from.repository}`);
      if (answer.status === 201) {
        note({ what: 'blob', repository, digest: from.layer.digest });
        layers.push(from.layer);
      }
    }

    const body = Buffer.from(JSON.stringify({
      schemaVersion: 2, mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: layers.map(layer => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
      annotations: { filler: bytesOf(name(), die(8) === 0 ? 60_000 : 50).toString('base64') },
    }));
    // Half of them move a tag that was there.
    const [digest, tag] = [digestOf(body), die(2) ? name() : `moved-${worker}`];
    note({ what: 'tagging', repository, digest, tag });
    await must(201, 'PUT', `/v2/${repository}/manifests/${tag}`, { body, headers: { 'Content-Type': MANIFEST } });
    note({ what: 'manifest', repository, digest, tag });
    own.push({ repository, digest, tag, layer: layers[0] });
  };

  const remove = async () => {
    if (!own.length) return;
    const [{ repository, digest, tag }] = own.splice(die(own.length), 1);
    const path = `/v2/${repository}/manifests/${tag.startsWith('moved') || die(2) ? digest : tag}`;
    note({ what: 'deleting', path, repository, digest, tag });
    await must(202, 'DELETE', path);
    note({ what: 'deleted', path });
  };

  const removeBlob = async () => {
    const repository = `loss/app${die(4)}`;
    const bytes = bytesOf(name(), size());
    const { digest } = await upload(repository, bytes);
    const path = `/v2/${repository}/blobs/${digest}`;
    note({ what: 'deleting', path, repository, digest });
    await must(202, 'DELETE', path);
    note({ what: 'deleted', path });
  };

  const leave = async () => {
    const repository = `loss/app${die(4)}`;
    const upload = { name: name(), repository, size: 2 + size() };
    let { location } = (await must(202, 'POST', `/v2/${repository}/blobs/uploads/`)).headers;
    for (let offset = 0, parts = 1 + die(3); parts > 0 && offset < upload.size - 1; parts--) {
      const end = offset + 1 + die(upload.size - 1 - offset);
      note({ what: 'sending', upload: upload.name, end });
      location = (await must(202, 'PATCH', location, { body: bytesOf(upload.name, upload.size).subarray(offset, end), headers: { 'Content-Range': `${offset}-${end - 1}` } })).headers.location;
      note({ what: 'chunk', upload, location, offset: offset = end });
    }
  };

  for (;;) {
    const what = die(10);
    if (what < 6) await push();
    else if (what < 7) await remove();
    else if (what < 8) await removeBlob();
    else await leave();
  }
};

// --- check -------------------------------------------------------------------------------------------------------------------------------------

const check = async () => {
  const [blobs, manifests, tags, gone, uploads] = [new Map(), new Map(), new Map(), new Set(), new Map()];
  for (const line of readFileSync(journal, 'utf8').split('\n').slice(0, -1).map(JSON.parse)) {
    const [blob, tag] = [`/v2/${line.repository}/blobs/${line.digest}`, `/v2/${line.repository}/manifests/${line.tag}`];
    switch (line.what) {
      case 'blob': blobs.set(blob, line.digest); break;
      case 'tagging': tags.set(tag, [...(tags.get(tag) ?? [null]), line.digest]); break;
      case 'manifest': manifests.set(`/v2/${line.repository}/manifests/${line.digest}`, line.digest); tags.set(tag, [line.digest]); break;
      case 'deleting':
        blobs.delete(line.path);
        manifests.delete(line.path);
        // With a manifest go its tags; a tag that is deleted leaves the manifest.
        if (tags.get(tag)?.includes(line.digest)) tags.set(tag, [null, ...tags.get(tag)]);
        break;
      case 'deleted': gone.add(line.path); break;
      case 'sending': uploads.set(line.upload, { ...uploads.get(line.upload), end: line.end }); break;
      case 'chunk': uploads.set(line.upload.name, { ...line }); break;
      case 'finished': uploads.delete(line.upload); break;
    }
  }

  let lost = 0;
  const lose = what => { lost++; console.log(`LOST ${what}`); };
  const accept = { headers: { Accept: MANIFEST } };
  for (const [path, digest] of [...blobs, ...manifests]) {
    const answer = await ask('GET', path, accept);
    if (answer.status !== 200) lose(`${path}: ${answer.status}`);
    else if (digestOf(answer.body) !== digest) lose(`${path}: other bytes`);
  }

  for (const [path, digests] of tags) {
    const answer = await ask('GET', path, accept);
    const found = answer.status === 404 ? null : digestOf(answer.body);
    if (!digests.includes(found)) lose(`${path}: ${answer.status} ${found} in place of ${digests.join(' or ')}`);
  }

  for (const path of gone) {
    const answer = await ask('GET', path, accept);
    if (answer.status !== 404) lose(`${path}: ${answer.status} after it was deleted`);
  }

  for (const { upload, location, offset, end } of uploads.values()) {
    // Nothing of it was acknowledged.
    if (!upload) continue;
    const state = await ask('GET', location);
    const at = Number(state.headers.range?.split('-')[1]) + 1;
    if (state.status !== 204 || (at !== offset && at !== end)) {
      lose(`upload ${upload.name}: ${state.status}, ${state.headers.range} after ${offset} bytes`);
      continue;
    }

    const bytes = bytesOf(upload.name, upload.size), digest = digestOf(bytes);
    const answer = await ask('PUT', withDigest(state.headers.location ?? location, digest), { body: bytes.subarray(at), headers: { 'Content-Range': `${at}-${upload.size - 1}` } });
    if (answer.status !== 201) {
      lose(`upload ${upload.name}: ${answer.status} at its end: ${answer.body}`);
      continue;
    }

    const read = await ask('GET', `/v2/${upload.repository}/blobs/${digest}`);
    if (read.status !== 200 || digestOf(read.body) !== digest) lose(`upload ${upload.name}: ${read.status}, other bytes`);
    note({ what: 'finished', upload: upload.name });
    note({ what: 'blob', repository: upload.repository, digest });
  }

  console.log(`${blobs.size} blobs, ${manifests.size} manifests, ${tags.size} tags, ${gone.size} deletions, ${uploads.size} uploads; ${lost} lost`);
  agent.destroy();
  process.exitCode = lost ? 1 : 0;
};

if (command === 'check') {
  await check();
} else {
  const ends = await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker).catch(e => e)));
  for (const end of ends) if (end instanceof Refused || !['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(end.code) && end.message !== 'aborted') console.log(`${end.stack ?? end}`);
  agent.destroy();
}
