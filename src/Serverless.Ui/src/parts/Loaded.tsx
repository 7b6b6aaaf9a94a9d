import type { ComponentChildren } from 'preact';
import { SignInNeeded } from '../api/problems';
import { SignInForm } from '../views/SignIn';
import type { Load } from './useLoad';

/** What went wrong; where somebody has to sign in, how. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  if (error instanceof SignInNeeded) return <SignInForm why={error.message} />;
  return (
    <div role="alert" class="failure">
      <p>
        <bdi class="text">{error.message}</bdi>
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p role="status" class="faint">
      Loading {what}…
    </p>
  );
}

/** Shows something when it has come, and until then that it comes, or why it does not. */
export function Loaded<T>({ load, what, retry, children }: { load: Load<T>; what: string; retry?: () => void; children: (value: T) => ComponentChildren }) {
  if (load.state === 'loading') return <Loading what={what} />;
  if (load.state === 'failed') return <Failure error={load.error} {...(retry ? { retry } : {})} />;
  return <>{children(load.value)}</>;
}
