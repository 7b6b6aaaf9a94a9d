// A Blob service that takes so many bytes a second on each connection, checks what Azure checks of a block (its length and id), and keeps none: for uploads of more than a disk holds.
// Only what is put whole and is small, such as the marker of a container, is there to be read; of everything else it knows the length.
// Prints its port. A commit of blocks that never came, or came with another length than they said, is refused.
//
//   node slow-storage.mjs BYTES-PER-SECOND
import { createServer } from 'node:http';

const rate = Number(process.argv[2]);
// How often a connection that is ahead of its rate is let read on, in milliseconds, and the most that it reads in between.
const tick = 50;
const blobs = new Map();
const small = new Map();
const lengths = new Map();

// Reads a body no faster than the connection may.
function take(request) {
  return new Promise((done, failed) => {
    let length = 0;
    const text = request.headers['content-length'] < 1024 * 1024 ? [] : null;
    const begun = request.socket.begun ??= { at: performance.now(), bytes: 0 };
    // A connection that rested may not make up for it.
    begun.at = Math.max(begun.at, performance.now() - (begun.bytes / rate) * 1000 - tick);
    request.on('data', (data) => {
      length += data.length;
      begun.bytes += data.length;
      text?.push(data);
      const ahead = (begun.bytes / rate) * 1000 - (performance.now() - begun.at);
      if (ahead > tick) {
        request.pause();
        setTimeout(() => request.resume(), ahead);
      }
    });
    request.on('end', () => done({ length, text: text === null ? '' : Buffer.concat(text).toString() }));
    request.on('error', failed);
    request.on('close', () => failed(new Error('broken off')));
  });
}

function answer(response, status, headers = {}) {
  response.writeHead(status, { 'x-ms-version': '2025-01-05', 'x-ms-request-id': 'slow', 'content-length': 0, ...headers });
  response.end();
}

const written = () => ({ etag: '"0x1"', 'last-modified': new Date().toUTCString(), 'x-ms-request-server-encrypted': 'true' });

async function serve(request, response) {
  const url = new URL(request.url, 'http://storage');
  const { length, text } = await take(request);
  if (request.method === 'HEAD' && lengths.has(url.pathname)) {
    return answer(response, 200, { 'x-ms-blob-type': 'BlockBlob', ...written(), 'content-length': lengths.get(url.pathname) });
  }
  if (request.method === 'GET' && small.has(url.pathname)) {
    response.writeHead(200, { 'x-ms-version': '2025-01-05', 'x-ms-blob-type': 'BlockBlob', 'content-length': small.get(url.pathname).length, ...written() });
    return response.end(small.get(url.pathname));
  }
  if (request.method !== 'PUT') return answer(response, 404, { 'x-ms-error-code': 'BlobNotFound' });
  if (length !== Number(request.headers['content-length'])) return answer(response, 400, { 'x-ms-error-code': 'InvalidInput' });
  const blocks = blobs.get(url.pathname) ?? new Map();
  blobs.set(url.pathname, blocks);
  switch (url.searchParams.get('comp')) {
    case 'block':
      blocks.set(url.searchParams.get('blockid'), length);
      return answer(response, 201);
    case 'blocklist': {
      const ids = [...text.matchAll(/<Latest>([^<]*)<\/Latest>/g)].map((match) => match[1]);
      if (ids.length === 0 || !ids.every((id) => blocks.has(id))) return answer(response, 400, { 'x-ms-error-code': 'InvalidBlockList' });
      lengths.set(url.pathname, ids.reduce((sum, id) => sum + blocks.get(id), 0));
      console.error(`committed ${lengths.get(url.pathname)}`);
      return answer(response, 201, written());
    }
    default:
      if (text.length > 0) small.set(url.pathname, text);
      lengths.set(url.pathname, length);
      return answer(response, 201, written());
  }
}

const server = createServer((request, response) => serve(request, response).catch((error) => {
  console.error(String(error));
  response.destroy();
}));
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
