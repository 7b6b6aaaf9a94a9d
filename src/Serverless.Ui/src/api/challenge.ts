/** What a 401 says of the way to sign in (RFC 9110, "WWW-Authenticate"). */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; service: string; scope: string };

/** Reads the header of a 401; null where it offers no way that this page knows. */
export function parseChallenge(header: string | null): Challenge | null {
  if (header === null) return null;
  if (/^basic\b/i.test(header)) return { scheme: 'basic' };
  if (!/^bearer\b/i.test(header)) return null;
  const parameter = (name: string) => new RegExp(`[ ,]${name}="([^"]*)"`, 'i').exec(header)?.[1] ?? '';
  return { scheme: 'bearer', service: parameter('service'), scope: parameter('scope') };
}
