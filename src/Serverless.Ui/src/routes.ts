// Where one is on the page is the address's fragment, which no server sees: the page works below any prefix, and names of repositories are in no log.
// The words are those of the API. No part of a repository's name begins with an underscore.
//
//   #/                                   repositories; with ?q=TEXT those with it in their names
//   #/r/NAME                             a repository's tags
//   #/r/NAME/_tags/TAG                   a tag
//   #/r/NAME/_manifests/DIGEST           a manifest
//   #/r/NAME/_compare/REFERENCE/REFERENCE
//   #/r/NAME/_deleted
//   #/usage
//   #/accounts  #/accounts/NAME  #/scope-maps  #/quotas  #/audit

export type Route =
  | { view: 'repositories'; q: string }
  | { view: 'repository'; name: string }
  | { view: 'tag'; name: string; tag: string }
  | { view: 'manifest'; name: string; digest: string }
  | { view: 'compare'; name: string; left: string; right: string }
  | { view: 'deleted'; name: string }
  | { view: 'usage' }
  | { view: 'accounts' }
  | { view: 'account'; name: string }
  | { view: 'scopeMaps' }
  | { view: 'quotas' }
  | { view: 'audit' }
  | { view: 'unknown' };

// OCI distribution specification 1.1.1, "Pulling manifests". What is no name goes into no request.
const nameGrammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagGrammar = /^\w[\w.-]{0,127}$/;
const digestGrammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;
const accountGrammar = /^[\w.@+:-]{1,256}$/;

export const isDigest = (text: string): boolean => digestGrammar.test(text);

const isReference = (text: string): boolean => tagGrammar.test(text) || isDigest(text);

/** Reads a fragment. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const segments = decode(path)?.split('/').slice(1) ?? ['?'];
  const [first = '', ...rest] = segments;
  if (first === '' && rest.length === 0) return { view: 'repositories', q: new URLSearchParams(query).get('q') ?? '' };
  if (first === 'r') return parseRepository(rest);
  if (first === 'accounts' && rest.length === 0) return { view: 'accounts' };
  if (first === 'accounts' && rest.length === 1 && accountGrammar.test(rest[0]!)) return { view: 'account', name: rest[0]! };
  if (first === 'scope-maps' && rest.length === 0) return { view: 'scopeMaps' };
  if (first === 'usage' && rest.length === 0) return { view: 'usage' };
  if (first === 'quotas' && rest.length === 0) return { view: 'quotas' };
  if (first === 'audit' && rest.length === 0) return { view: 'audit' };
  return { view: 'unknown' };
}

function parseRepository(segments: string[]): Route {
  const end = segments.findIndex(s => s.startsWith('_'));
  const name = segments.slice(0, end < 0 ? undefined : end).join('/');
  const [word, one, two, ...more] = end < 0 ? [] : segments.slice(end);
  if (!nameGrammar.test(name) || more.length > 0) return { view: 'unknown' };
  if (word === undefined) return { view: 'repository', name };
  if (word === '_deleted' && one === undefined) return { view: 'deleted', name };
  if (word === '_tags' && one !== undefined && two === undefined && tagGrammar.test(one)) return { view: 'tag', name, tag: one };
  if (word === '_manifests' && one !== undefined && two === undefined && isDigest(one)) return { view: 'manifest', name, digest: one };
  if (word === '_compare' && one !== undefined && two !== undefined && isReference(one) && isReference(two)) return { view: 'compare', name, left: one, right: two };
  return { view: 'unknown' };
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

export const links = {
  repositories: (q = '') => (q ? `#/?${new URLSearchParams({ q })}` : '#/'),
  repository: (name: string) => `#/r/${name}`,
  tag: (name: string, tag: string) => `#/r/${name}/_tags/${tag}`,
  manifest: (name: string, digest: string) => `#/r/${name}/_manifests/${digest}`,
  compare: (name: string, left: string, right: string) => `#/r/${name}/_compare/${left}/${right}`,
  deleted: (name: string) => `#/r/${name}/_deleted`,
  usage: '#/usage',
  accounts: '#/accounts',
  account: (name: string) => `#/accounts/${encodeURIComponent(name)}`,
  scopeMaps: '#/scope-maps',
  quotas: '#/quotas',
  audit: '#/audit',
};
