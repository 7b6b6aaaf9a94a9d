import { useState } from 'preact/hooks';
import { admin } from '../api/admin';
import { Failure, Loading } from '../parts/Loaded';
import { Age } from '../parts/Small';
import { usePages } from '../parts/usePages';
import { links } from '../routes';
import { AddAccount } from './AddAccount';

/** Users and robots, for admins. */
export function AccountsView() {
  const [isAdding, setAdding] = useState(false);
  const pages = usePages(async (cursor, signal) => {
    const page = await admin.listAccounts(cursor, signal);
    return { items: page.accounts, cursor: page.cursor };
  }, []);

  return (
    <>
      <div class="actions">
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add an account
        </button>
      </div>
      {pages.error && <Failure error={pages.error} retry={pages.items.length > 0 ? pages.loadMore : pages.reload} />}
      <ul class="list">
        {pages.items.map(account => (
          <li key={account.name} class="row">
            <a href={links.account(account.name)}>{account.name}</a>
            <span>{account.kind}</span>
            <span>{account.state}</span>
            <span class="faint">{account.scopeMaps.length > 0 ? account.scopeMaps.join(', ') : 'no scope maps'}</span>
            {account.lastUsedAt !== undefined && (
              <span>
                signed in <Age time={account.lastUsedAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {pages.isLoading && <Loading what="accounts" />}
      {!pages.isLoading && !pages.error && pages.items.length === 0 && <p class="faint">There are no accounts.</p>}
      {pages.hasMore && !pages.isLoading && (
        <button type="button" onClick={pages.loadMore}>
          Show more
        </button>
      )}
      {isAdding && <AddAccount onClose={() => setAdding(false)} onDone={pages.reload} />}
    </>
  );
}
