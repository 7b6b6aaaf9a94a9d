import { useState } from 'preact/hooks';
import { admin } from '../api/admin';
import type { ScopeMap } from '../api/types';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { Loaded } from '../parts/Loaded';
import { useLoad } from '../parts/useLoad';

type Question = { kind: 'set'; map: ScopeMap | null } | { kind: 'delete'; map: ScopeMap };

/** What accounts may do: scope maps, for admins. */
export function ScopeMapsView() {
  const [asked, setAsked] = useState<Question | null>(null);
  const [load, reload] = useLoad(signal => admin.listScopeMaps(signal), []);
  const close = () => setAsked(null);

  async function remove(name: string) {
    await admin.deleteScopeMap(name);
    announce({ text: `The scope map ${name} was deleted.`, stays: true });
    reload();
  }

  return (
    <Loaded load={load} what="scope maps" retry={reload}>
      {({ scopeMaps }) => (
        <>
          <div class="actions">
            <button type="button" class="primary" onClick={() => setAsked({ kind: 'set', map: null })}>
              Add a scope map
            </button>
          </div>
          {scopeMaps.length === 0 && <p class="faint">There are no scope maps.</p>}
          <ul class="list">
            {scopeMaps.map(map => (
              <li key={map.name}>
                <div class="row">
                  <strong>{map.name}</strong>
                  {map.isConfigured ? (
                    <span class="faint">from the configuration</span>
                  ) : (
                    <span class="actions">
                      <button type="button" class="small" onClick={() => setAsked({ kind: 'set', map })} aria-label={`Change ${map.name}`}>
                        Change
                      </button>
                      <button type="button" class="small danger" onClick={() => setAsked({ kind: 'delete', map })} aria-label={`Delete ${map.name}`}>
                        Delete
                      </button>
                    </span>
                  )}
                </div>
                <ul class="plain">
                  {map.rules.map((rule, i) => (
                    <li key={i}>
                      <code>{rule}</code>
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
          {asked?.kind === 'set' && <SetScopeMap map={asked.map} onDone={reload} onClose={close} />}
          {asked?.kind === 'delete' && (
            <Dialog title={`Delete the scope map ${asked.map.name}?`} action="Delete" isDangerous onDo={() => remove(asked.map.name)} onClose={close}>
              <p>Accounts that have it lose what it gives. It cannot be undone.</p>
            </Dialog>
          )}
        </>
      )}
    </Loaded>
  );
}

function SetScopeMap({ map, onDone, onClose }: { map: ScopeMap | null; onDone: () => void; onClose: () => void }) {
  const [name, setName] = useState(map?.name ?? '');
  const [rules, setRules] = useState(map?.rules.join('\n') ?? '');

  async function set() {
    await admin.setScopeMap(name, rules.split(/\s+/).filter(r => r.length > 0));
    announce(`The scope map ${name} was set.`);
    onDone();
  }

  return (
    <Dialog title={map === null ? 'Add a scope map' : `Change the scope map ${map.name}`} action="Set" onDo={set} onClose={onClose}>
      {map === null && (
        <>
          <label for="map-name">Name</label>
          <input id="map-name" required autocomplete="off" autocapitalize="none" spellcheck={false} value={name} onInput={e => setName(e.currentTarget.value)} />
        </>
      )}
      <label for="map-rules">Rights, one a line, such as team/*:pull,push</label>
      <textarea id="map-rules" required rows={6} spellcheck={false} value={rules} onInput={e => setRules(e.currentTarget.value)} />
    </Dialog>
  );
}
