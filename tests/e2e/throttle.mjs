// Stands before a registry and passes its answers on so many bytes a second. Each request is a line in a file as soon as it comes: method, path, range.
// Prints its port.
//
//   node throttle.mjs TARGET-PORT BYTES-PER-SECOND FILE
import { appendFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';

const [target, rate, file] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

async function pass(answer, response) {
  response.writeHead(answer.statusCode, answer.headers);
  const closed = once(response, 'close');
  const begun = performance.now();
  let sent = 0;
  for await (const data of answer) {
    if (response.destroyed) break;
    if (!response.write(data)) await Promise.race([once(response, 'drain'), closed]);
    sent += data.length;
    const ahead = (sent / rate) * 1000 - (performance.now() - begun);
    if (ahead > 20) await new Promise(done => setTimeout(done, ahead));
  }
  response.end();
}

const server = http.createServer((request, response) => {
  appendFileSync(file, `${request.method} ${request.url} ${request.headers.range ?? '-'}\n`);
  const options = { host: '127.0.0.1', port: target, method: request.method, path: request.url, headers: request.headers };
  const passed = http.request(options, answer => {
    // Whoever asks may be killed at any moment, and then what is read for him breaks off.
    pass(answer, response).catch(() => response.destroy());
  });
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  request.pipe(passed);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
