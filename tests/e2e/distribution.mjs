// Fills a registry with many small images that share layers, puts a folder into a container of Blob Storage as distribution's azure driver names things, and pulls all of it.
//
//   node distribution.mjs push URL REPOSITORIES TAGS          prints a line "REPOSITORY TAG DIGEST" for each tag; in each repository two images and an index of both
//   node distribution.mjs upload FOLDER CONTAINER-URL SAS     names begin with a slash, as those of distribution 2 do; layers are append blobs, as that driver writes them
//   node distribution.mjs list CONTAINER-URL SAS              prints a line "NAME ETAG TYPE" for each blob
//   node distribution.mjs pull URL                            reads lines of push, and compares the digests of each manifest and of all that it names
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const parallel = 24;
const manifest = 'application/vnd.oci.image.manifest.v1+json';
const index = 'application/vnd.oci.image.index.v1+json';
const digestOf = bytes => 'sha256:' + createHash('sha256').update(bytes).digest('hex');

async function each(items, work) {
  const left = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: parallel }, async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  }));
}

async function ask(status, url, options = {}) {
  const answer = await fetch(url, options);
  const body = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== status) throw new Error(`${options.method ?? 'GET'} ${url}: ${answer.status} ${body}`);
  return { headers: answer.headers, body };
}

async function pushBlob(url, name, bytes) {
  const start = await ask(202, `${url}/v2/${name}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(start.headers.get('location'), url);
  location.searchParams.set('digest', digestOf(bytes));
  await ask(201, location, { method: 'PUT', body: bytes });
}

// Some kilobytes that are the same in each run.
const layer = number => Buffer.concat(Array.from({ length: 64 + number }, (_, i) => createHash('sha256').update(`layer ${number} ${i}`).digest()));
const descriptor = (mediaType, bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });

async function push(url, repositories, tags) {
  const layers = Array.from({ length: 10 }, (_, i) => layer(i));
  for (const bytes of layers) await pushBlob(url, 'base/layers', bytes);
  const lines = [];
  await each(Array(+repositories).keys(), async number => {
    const name = `team${number % 7}/app-${number}`;
    const images = [];
    const used = new Set();
    for (let i = 0; i < 2; i++) {
      const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, name, i }));
      await pushBlob(url, name, config);
      const own = [layers[0], layers[1 + ((number + i) % 9)]];
      for (const bytes of own) {
        if (used.has(bytes)) continue;
        used.add(bytes);
        await ask(201, `${url}/v2/${name}/blobs/uploads/?mount=${digestOf(bytes)}&from=base/layers`, { method: 'POST' });
      }
      images.push(Buffer.from(JSON.stringify({
        schemaVersion: 2, mediaType: manifest, config: descriptor('application/vnd.oci.image.config.v1+json', config),
        layers: own.map(bytes => descriptor('application/vnd.oci.image.layer.v1.tar', bytes)),
      })));
    }
    const both = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: images.map(bytes => descriptor(manifest, bytes)) }));
    const named = Array.from({ length: +tags }, (_, i) => [`v${i + 1}`, i === 0 ? both : images[i % 2], i === 0 ? index : manifest]);
    // The index comes after its images.
    for (const [tag, bytes, type] of [...named.slice(1), named[0]]) {
      await ask(201, `${url}/v2/${name}/manifests/${tag}`, { method: 'PUT', body: bytes, headers: { 'Content-Type': type } });
      lines.push(`${name} ${tag} ${digestOf(bytes)}`);
    }
  });
  console.log(lines.sort().join('\n'));
}

async function upload(folder, container, sas) {
  await ask(201, `${container}?restype=container&${sas}`, { method: 'PUT' });
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(f => f.isFile()).map(f => join(f.parentPath, f.name).slice(folder.length));
  await each(files, async file => {
    const [body, url] = [await readFile(folder + file), `${container}/${file}?${sas}`];
    const version = { 'x-ms-version': '2021-12-02' };
    if (!file.startsWith('/docker/registry/v2/blobs/') || body.length < 2048) {
      await ask(201, url, { method: 'PUT', body, headers: { ...version, 'x-ms-blob-type': 'BlockBlob' } });
      return;
    }
    await ask(201, url, { method: 'PUT', headers: { ...version, 'x-ms-blob-type': 'AppendBlob', 'Content-Length': '0' } });
    await ask(201, `${container}/${file}?comp=appendblock&${sas}`, { method: 'PUT', body, headers: version });
  });
  console.log(files.length);
}

async function list(container, sas) {
  for (let marker = ''; ;) {
    const xml = (await ask(200, `${container}?restype=container&comp=list&marker=${encodeURIComponent(marker)}&${sas}`)).body.toString();
    for (const [, blob] of xml.matchAll(/<Blob>(.*?)<\/Blob>/gs)) {
      const read = tag => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(blob)?.[1];
      console.log(read('Name'), read('Etag'), read('BlobType'));
    }
    marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(xml)?.[1];
    if (!marker) return;
  }
}

async function pull(url) {
  const lines = [];
  for await (const line of createInterface({ input: process.stdin })) lines.push(line.split(' '));
  const seen = new Set();
  const fetchOnce = async (address, digest) => {
    if (seen.has(address)) return;
    seen.add(address);
    const { body } = await ask(200, address);
    if (digestOf(body) !== digest) throw new Error(`${address}: other bytes`);
  };
  await each(lines, async ([name, tag, digest]) => {
    const { body } = await ask(200, `${url}/v2/${name}/manifests/${tag}`, { headers: { Accept: `${manifest}, ${index}` } });
    if (digestOf(body) !== digest) throw new Error(`${name}:${tag}: other bytes`);
    const named = JSON.parse(body);
    for (const child of named.manifests ?? []) await fetchOnce(`${url}/v2/${name}/manifests/${child.digest}`, child.digest);
    for (const blob of named.config ? [named.config, ...named.layers] : []) await fetchOnce(`${url}/v2/${name}/blobs/${blob.digest}`, blob.digest);
  });
  console.log(`${lines.length} tags, ${seen.size} blobs and images of indexes`);
}

const [command, ...args] = process.argv.slice(2);
await { push, upload, list, pull }[command](...args);
