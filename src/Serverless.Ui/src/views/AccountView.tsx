import { useState } from 'preact/hooks';
import { admin } from '../api/admin';
import { session } from '../api/session';
import type { Account, AccountChange } from '../api/types';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { Loaded } from '../parts/Loaded';
import { Age, Facts } from '../parts/Small';
import { useLoad } from '../parts/useLoad';
import { links } from '../routes';
import { wordsIn } from '../words';
import { ShownPassword } from './ShownPassword';

/** A user or a robot, and what an admin can change of it. */
export function AccountView({ name }: { name: string }) {
  const [load, reload] = useLoad(signal => admin.getAccount(name, signal), [name]);
  return (
    <>
      <nav aria-label="Where you are" class="crumbs">
        <a href={links.accounts}>Accounts</a> <span aria-hidden="true">›</span> {name}
      </nav>
      <Loaded load={load} what="the account" retry={reload}>
        {account => <Details account={account} onChanged={reload} />}
      </Loaded>
    </>
  );
}

type Question = 'maps' | 'password' | 'rotate' | 'delete';

function Details({ account, onChanged }: { account: Account; onChanged: () => void }) {
  const [asked, setAsked] = useState<Question | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const close = () => setAsked(null);
  const isOwn = session.name === account.name;

  async function change(body: AccountChange, text: string) {
    await admin.changeAccount(account.name, body);
    announce(text);
    onChanged();
  }

  async function lock(disabled: boolean) {
    try {
      await change({ disabled }, `${account.name} was ${disabled ? 'locked out' : 'let in again'}.`);
    } catch (e) {
      announce({ text: (e as Error).message, stays: true });
    }
  }

  return (
    <>
      <div class="card">
        <Facts
          rows={[
            ['Kind', account.kind],
            ['State', account.state],
            ['Scope maps', account.scopeMaps.length > 0 ? account.scopeMaps.join(', ') : 'none'],
            ['Passwords', account.passwords],
            ['Ends', account.expiresAt === undefined ? 'never' : <Age time={account.expiresAt} />],
            ['Last signed in', <Age time={account.lastUsedAt} />],
          ]}
        />
      </div>
      <div class="actions">
        <button type="button" onClick={() => setAsked('maps')}>
          Change its scope maps
        </button>
        {account.kind === 'robot' ? (
          <button type="button" onClick={() => setAsked('rotate')}>
            New password
          </button>
        ) : (
          <button type="button" onClick={() => setAsked('password')}>
            Set its password
          </button>
        )}
        {!isOwn && (
          <>
            <button type="button" onClick={() => void lock(account.state !== 'disabled')}>
              {account.state === 'disabled' ? 'Let it in again' : 'Lock it out'}
            </button>
            <button type="button" class="danger" onClick={() => setAsked('delete')}>
              Delete the account
            </button>
          </>
        )}
      </div>
      {asked === 'maps' && <ChangeMaps account={account} onDo={scopeMaps => change({ scopeMaps }, `The scope maps of ${account.name} were changed.`)} onClose={close} />}
      {asked === 'password' && <SetPassword onDo={password => change({ password }, `The password of ${account.name} was changed.`)} onClose={close} />}
      {asked === 'rotate' && (
        <Dialog title={`Make a new password for ${account.name}?`} action="Make it" onDo={async () => setMade((await admin.rotatePassword(account.name)).password)} onClose={close}>
          <p>The newer of its two passwords holds until the next one is made; the older one ends now.</p>
        </Dialog>
      )}
      {asked === 'delete' && (
        <Dialog
          title={`Delete the account ${account.name}?`}
          action="Delete"
          isDangerous
          onDo={async () => {
            await admin.deleteAccount(account.name);
            announce({ text: `The account ${account.name} was deleted.`, stays: true });
            location.hash = links.accounts;
          }}
          onClose={close}
        >
          <p>It cannot be undone. To keep somebody out for a while, lock the account out.</p>
        </Dialog>
      )}
      {made !== null && (
        <ShownPassword
          name={account.name}
          password={made}
          onClose={() => {
            setMade(null);
            onChanged();
          }}
        />
      )}
    </>
  );
}

function ChangeMaps({ account, onDo, onClose }: { account: Account; onDo: (maps: string[]) => Promise<void>; onClose: () => void }) {
  const [maps, setMaps] = useState(account.scopeMaps.join(' '));
  return (
    <Dialog title={`Scope maps of ${account.name}`} action="Change" onDo={() => onDo(wordsIn(maps))} onClose={onClose}>
      <label for="maps">Names, separated by spaces</label>
      <input id="maps" autocomplete="off" autocapitalize="none" spellcheck={false} value={maps} onInput={e => setMaps(e.currentTarget.value)} />
    </Dialog>
  );
}

function SetPassword({ onDo, onClose }: { onDo: (password: string) => Promise<void>; onClose: () => void }) {
  const [password, setPassword] = useState('');
  return (
    <Dialog title="Set a password" action="Set" onDo={() => onDo(password)} onClose={onClose}>
      <label for="new-password">New password</label>
      <input id="new-password" type="password" required autocomplete="new-password" value={password} onInput={e => setPassword(e.currentTarget.value)} />
    </Dialog>
  );
}
