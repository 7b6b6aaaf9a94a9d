import { change, read } from './client';
import { Problem } from './problems';
import { session } from './session';
import type * as T from './types';

const scope = 'registry:admin:*';

/** The parts of the API that are for those who look after the registry. */
export const admin = {
  listAccounts: (cursor: string | undefined, signal: AbortSignal) => read<T.AccountPage>(['accounts'], { scope, query: { n: '50', cursor }, signal }),
  getAccount: (name: string, signal: AbortSignal) => read<T.Account>(['accounts', name], { scope, signal }),
  addAccount: (order: T.AccountOrder) => read<T.Account>(['accounts'], { method: 'POST', scope, body: order }),
  changeAccount: (name: string, body: T.AccountChange) => read<T.Account>(['accounts', name], { method: 'PATCH', scope, body }),
  deleteAccount: (name: string) => change(['accounts', name], { method: 'DELETE', scope }),
  rotatePassword: (name: string) => read<{ password: string }>(['accounts', name, 'password'], { method: 'POST', scope }),
  listScopeMaps: (signal: AbortSignal) => read<{ scopeMaps: T.ScopeMap[] }>(['scope-maps'], { scope, signal }),
  setScopeMap: (name: string, rules: string[]) => change(['scope-maps', name], { method: 'PUT', scope, body: { rules } }),
  deleteScopeMap: (name: string) => change(['scope-maps', name], { method: 'DELETE', scope }),
  listQuotas: (signal: AbortSignal) => read<{ quotas: T.Quota[] }>(['quotas'], { scope, signal }),
  setQuota: (pattern: string, limits: { soft: number | undefined; hard: number | undefined }) => change(['quotas', pattern], { method: 'PUT', scope, body: limits }),
  deleteQuota: (pattern: string) => change(['quotas', pattern], { method: 'DELETE', scope }),
  listChanges: (cursor: string | undefined, signal: AbortSignal) => read<T.AuditPage>(['audit'], { scope, query: { n: '50', cursor }, signal }),
};

/** Whether whoever looks at the page is an admin of this registry. Nobody is asked to sign in for the answer. */
export async function isAdmin(signal: AbortSignal): Promise<boolean> {
  // Somebody who has not signed in is none, and asking would cost three requests with each view of the page.
  if (session.name === null) return false;
  try {
    await read<T.AccountPage>(['accounts'], { scope, query: { n: '1' }, signal });
    return true;
  } catch (e) {
    if (e instanceof Problem && [401, 403, 404].includes(e.status)) return false;
    throw e;
  }
}
