import { api } from '../api/client';
import { announce } from '../parts/announcer';
import { Loaded } from '../parts/Loaded';
import { Age, Crumbs, DigestText } from '../parts/Small';
import { useLoad } from '../parts/useLoad';
import { isDigest, links } from '../routes';
import { plural } from '../words';

/** What was deleted in a repository and can be restored. */
export function DeletedView({ name }: { name: string }) {
  const [load, reload] = useLoad(signal => api.listDeleted(name, signal), [name]);

  async function restore(reference: string) {
    try {
      const { tags } = await api.restore(name, reference);
      announce(`Restored${tags.length > 0 ? `, with ${tags.join(', ')}` : ''}.`);
      reload();
    } catch (e) {
      announce({ text: (e as Error).message, stays: true });
    }
  }

  return (
    <>
      <Crumbs>
        <a href={links.repository(name)}>{name}</a> <span aria-hidden="true">›</span> deleted
      </Crumbs>
      <Loaded load={load} what="what was deleted" retry={reload}>
        {({ deleted, hasMore }) => (
          <>
            {deleted.length === 0 && <p class="faint">Nothing was deleted that could still be restored.</p>}
            <ul class="list">
              {[...deleted]
                .sort((a, b) => b.at.localeCompare(a.at))
                .map(item => (
                  <li key={item.reference} class="row">
                    {isDigest(item.reference) ? <span>manifest</span> : <strong>{item.reference}</strong>}
                    <DigestText digest={item.digest} />
                    {item.tags.length > 0 && <span class="faint">with {plural(item.tags.length, 'tag')}: {item.tags.join(', ')}</span>}
                    <span>
                      deleted <Age time={item.at} />
                    </span>
                    <button type="button" class="small" onClick={() => void restore(item.reference)} aria-label={`Restore ${item.reference}`}>
                      Restore
                    </button>
                  </li>
                ))}
            </ul>
            {hasMore && <p class="faint">There is more than is shown.</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
