// Takes events: receiver.mjs PORT FILE DOWN. A line of FILE for each request that it took, as JSON; while the file DOWN is there, none is taken.
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file, down] = process.argv.slice(2);
createServer((request, answer) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const isDown = existsSync(down);
    const body = Buffer.concat(chunks);
    appendFileSync(isDown ? `${file}.refused` : file, `${JSON.stringify({ path: request.url, headers: request.headers, body: body.toString('base64'), text: JSON.parse(body) })}\n`);
    answer.writeHead(isDown ? 503 : 204).end();
  });
}).listen(Number(port), '127.0.0.1');
