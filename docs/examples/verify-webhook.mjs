// Tells whether a request is an event of the registry: Standard Webhooks 1.0.0 with the endpoint's Secret. Libraries in many languages do the same.
import { createHmac, timingSafeEqual } from 'node:crypto';

// headers: names in lower case, as Node has them; body: a Buffer with the bytes as they came; now: seconds.
export function verify(headers, body, secret, now = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !signatures || !(Math.abs(now - Number(timestamp)) < 300)) return false; // old requests may be replayed
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').filter(s => s.startsWith('v1,')).map(s => Buffer.from(s.slice(3), 'base64'))
    .some(s => s.length === expected.length && timingSafeEqual(s, expected));
}
