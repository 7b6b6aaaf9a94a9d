import { useId, useState } from 'preact/hooks';
import { session } from '../api/session';
import { announce } from '../parts/announcer';

/** Signs in by name and password. */
export function SignInForm({ why, onDone }: { why?: string; onDone?: () => void }) {
  const id = useId();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(e: Event) {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await session.signIn(name, password);
      announce(`Signed in as ${name}.`);
      onDone?.();
    } catch (e) {
      setError((e as Error).message);
      setBusy(false);
    }
  }

  return (
    <form class="card signin" onSubmit={e => void submit(e)} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Sign in</h2>
      {why && <p>{why}</p>}
      <label for={`${id}-name`}>Name</label>
      <input id={`${id}-name`} autocomplete="username" autocapitalize="none" spellcheck={false} required value={name} onInput={e => setName(e.currentTarget.value)} />
      <label for={`${id}-password`}>Password</label>
      <input id={`${id}-password`} type="password" autocomplete="current-password" required value={password} onInput={e => setPassword(e.currentTarget.value)} />
      {error !== null && (
        <p role="alert" class="failure">
          {error}
        </p>
      )}
      <button type="submit" class="primary" disabled={isBusy}>
        Sign in
      </button>
      <p class="faint">It is kept in memory until this page is closed or loaded anew.</p>
    </form>
  );
}
