import { useState } from 'preact/hooks';
import { admin } from '../api/admin';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { wordsIn } from '../words';
import { ShownPassword } from './ShownPassword';

/** Asks for what a new account is to be; of a robot it then shows the password, once. */
export function AddAccount({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'user' | 'robot'>('user');
  const [password, setPassword] = useState('');
  const [maps, setMaps] = useState('');
  const [end, setEnd] = useState('');
  const [made, setMade] = useState<string | null>(null);

  async function add() {
    const isRobot = kind === 'robot';
    const account = await admin.addAccount({
      name,
      kind,
      scopeMaps: wordsIn(maps),
      ...(isRobot ? {} : { password }),
      ...(isRobot && end ? { expiresAt: new Date(end).toISOString() } : {}),
    });
    announce(`The account ${account.name} was made.`);
    onDone();
    setMade(account.password ?? null);
  }

  if (made !== null) return <ShownPassword name={name} password={made} onClose={onClose} />;
  return (
    <Dialog title="Add an account" action="Add" onDo={add} onClose={() => made === null && onClose()}>
      <label for="account-name">Name</label>
      <input id="account-name" required autocomplete="off" autocapitalize="none" spellcheck={false} value={name} onInput={e => setName(e.currentTarget.value)} />
      <fieldset>
        <legend>Kind</legend>
        {(['user', 'robot'] as const).map(k => (
          <label key={k}>
            <input type="radio" name="kind" checked={kind === k} onChange={() => setKind(k)} /> {k === 'user' ? 'User, with a password of its own' : 'Robot, whose password is made for it'}
          </label>
        ))}
      </fieldset>
      {kind === 'user' ? (
        <>
          <label for="account-password">Password</label>
          <input id="account-password" type="password" required autocomplete="new-password" value={password} onInput={e => setPassword(e.currentTarget.value)} />
        </>
      ) : (
        <>
          <label for="account-end">Ends (never, if empty)</label>
          <input id="account-end" type="datetime-local" value={end} onInput={e => setEnd(e.currentTarget.value)} />
        </>
      )}
      <label for="account-maps">Scope maps, separated by spaces</label>
      <input id="account-maps" autocomplete="off" autocapitalize="none" spellcheck={false} value={maps} onInput={e => setMaps(e.currentTarget.value)} />
    </Dialog>
  );
}
