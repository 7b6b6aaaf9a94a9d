import { problemOf } from './problems';
import { session } from './session';
import type * as T from './types';

const root = '../api/v1/';

interface Request {
  method?: string;
  scope: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  ifMatch?: string;
  signal?: AbortSignal;
}

async function send(path: string[], { method = 'GET', scope, query = {}, body, ifMatch, signal }: Request): Promise<Response> {
  const parameters = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const url = `${root}${path.map(encodeURIComponent).join('/')}${parameters.size > 0 ? `?${parameters}` : ''}`;
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`;
  const answer = await session.send(url, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null }, scope);
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export const read = async <R>(path: string[], request: Request): Promise<R> => (await (await send(path, request)).json()) as R;

export const change = async (path: string[], request: Request): Promise<void> => {
  await send(path, request);
};

const of = (name: string, ...rest: string[]) => ['repositories', ...name.split('/'), ...rest];
const scope = (name: string, actions: string) => `repository:${name}:${actions}`;

/** The parts of the API that are about repositories. */
export const api = {
  listRepositories: (q: string, cursor: string | undefined, signal: AbortSignal) =>
    read<T.RepositoryPage>(['repositories'], { scope: 'registry:catalog:*', query: { n: '50', q: q || undefined, cursor, use: '' }, signal }),

  listUsage: (cursor: string | undefined, signal: AbortSignal) => read<T.UsagePage>(['usage'], { scope: 'registry:catalog:*', query: { cursor }, signal }),

  getRepository: (name: string, signal: AbortSignal) => read<T.RepositoryInfo>(of(name), { scope: scope(name, 'pull'), signal }),

  removeRepository: (name: string) => change(of(name), { method: 'DELETE', scope: scope(name, 'delete') }),

  listTags: (name: string, cursor: string | undefined, signal: AbortSignal) =>
    read<T.TagPage>(of(name, '_tags'), { scope: scope(name, 'pull'), query: { n: '20', cursor }, signal }),

  getTag: (name: string, tag: string, signal: AbortSignal) => read<T.TagInfo>(of(name, '_tags', tag), { scope: scope(name, 'pull'), signal }),

  pointTag: (name: string, tag: string, digest: string, seen: string | undefined) =>
    read<T.TagInfo>(of(name, '_tags', tag), { method: 'PUT', scope: scope(name, 'pull,push'), body: { digest }, ...(seen === undefined ? {} : { ifMatch: seen }) }),

  deleteTag: (name: string, tag: string, seen: string) => change(of(name, '_tags', tag), { method: 'DELETE', scope: scope(name, 'delete'), ifMatch: seen }),

  listMoves: (name: string, tag: string, signal: AbortSignal) => read<{ moves: T.TagMove[] }>(of(name, '_tags', tag, 'history'), { scope: scope(name, 'pull'), signal }),

  getManifest: (name: string, reference: string, signal: AbortSignal) => read<T.ManifestInfo>(of(name, '_manifests', reference), { scope: scope(name, 'pull'), signal }),

  deleteManifest: (name: string, digest: string) => change(of(name, '_manifests', digest), { method: 'DELETE', scope: scope(name, 'delete') }),

  listReferrers: (name: string, digest: string, signal: AbortSignal) => read<T.ReferrerTree>(of(name, '_manifests', digest, 'referrers'), { scope: scope(name, 'pull'), signal }),

  listDeleted: (name: string, signal: AbortSignal) => read<T.DeletedList>(of(name, '_deleted'), { scope: scope(name, 'pull'), signal }),

  restore: (name: string, reference: string) => read<T.Restored>(of(name, '_deleted', reference), { method: 'POST', scope: scope(name, 'pull,push') }),
};
