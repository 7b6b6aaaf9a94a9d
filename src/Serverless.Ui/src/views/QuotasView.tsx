import { useState } from 'preact/hooks';
import { admin } from '../api/admin';
import type { Quota } from '../api/types';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { Loaded } from '../parts/Loaded';
import { useLoad } from '../parts/useLoad';
import { bytesIn, sizeOf, sizeText } from '../words';

type Question = { kind: 'set'; quota: Quota | null } | { kind: 'delete'; quota: Quota };

/** How much namespaces may hold, for admins. */
export function QuotasView() {
  const [asked, setAsked] = useState<Question | null>(null);
  const [load, reload] = useLoad(signal => admin.listQuotas(signal), []);
  const close = () => setAsked(null);

  async function remove(pattern: string) {
    await admin.deleteQuota(pattern);
    announce({ text: `The quota of ${pattern} was deleted.`, stays: true });
    reload();
  }

  return (
    <Loaded load={load} what="quotas" retry={reload}>
      {({ quotas }) => (
        <>
          <div class="actions">
            <button type="button" class="primary" onClick={() => setAsked({ kind: 'set', quota: null })}>
              Add a quota
            </button>
          </div>
          {quotas.length === 0 && <p class="faint">There are no quotas: namespaces hold as much as there is room for.</p>}
          <ul class="list">
            {quotas.map(quota => (
              <li key={quota.pattern} class="row">
                <strong>{quota.pattern}</strong>
                <span>
                  {quota.hard !== undefined && `refused above ${sizeOf(quota.hard)}`}
                  {quota.hard !== undefined && quota.soft !== undefined && ', '}
                  {quota.soft !== undefined && `warned above ${sizeOf(quota.soft)}`}
                </span>
                <span class="actions">
                  <button type="button" class="small" onClick={() => setAsked({ kind: 'set', quota })} aria-label={`Change the quota of ${quota.pattern}`}>
                    Change
                  </button>
                  <button type="button" class="small danger" onClick={() => setAsked({ kind: 'delete', quota })} aria-label={`Delete the quota of ${quota.pattern}`}>
                    Delete
                  </button>
                </span>
              </li>
            ))}
          </ul>
          {asked?.kind === 'set' && <SetQuota quota={asked.quota} onDone={reload} onClose={close} />}
          {asked?.kind === 'delete' && (
            <Dialog title={`Delete the quota of ${asked.quota.pattern}?`} action="Delete" isDangerous onDo={() => remove(asked.quota.pattern)} onClose={close}>
              <p>Pushes are no longer refused or warned for it. What is stored stays.</p>
            </Dialog>
          )}
        </>
      )}
    </Loaded>
  );
}

function SetQuota({ quota, onDone, onClose }: { quota: Quota | null; onDone: () => void; onClose: () => void }) {
  const [pattern, setPattern] = useState(quota?.pattern ?? '');
  const [hard, setHard] = useState(sizeText(quota?.hard));
  const [soft, setSoft] = useState(sizeText(quota?.soft));

  async function set() {
    await admin.setQuota(pattern, { hard: bytesIn(hard), soft: bytesIn(soft) });
    announce(`The quota of ${pattern} was set.`);
    onDone();
  }

  return (
    <Dialog title={quota === null ? 'Add a quota' : `Change the quota of ${quota.pattern}`} action="Set" onDo={set} onClose={onClose}>
      {quota === null && (
        <>
          <label for="quota-pattern">Namespace, such as team, or team* or * for each of many</label>
          <input id="quota-pattern" required autocomplete="off" autocapitalize="none" spellcheck={false} value={pattern} onInput={e => setPattern(e.currentTarget.value)} />
        </>
      )}
      <label for="quota-hard">Refuse pushes above, such as 10 GiB; empty: never</label>
      <input id="quota-hard" autocomplete="off" value={hard} onInput={e => setHard(e.currentTarget.value)} />
      <label for="quota-soft">Warn above; empty: never</label>
      <input id="quota-soft" autocomplete="off" value={soft} onInput={e => setSoft(e.currentTarget.value)} />
    </Dialog>
  );
}
