import { admin } from '../api/admin';
import { Failure, Loading } from '../parts/Loaded';
import { Age } from '../parts/Small';
import { Text } from '../parts/Text';
import { usePages } from '../parts/usePages';

/** What admins have changed, the newest first. */
export function AuditView() {
  const pages = usePages(async (cursor, signal) => {
    const page = await admin.listChanges(cursor, signal);
    return { items: page.changes, cursor: page.cursor };
  }, []);
  return (
    <>
      {pages.error && <Failure error={pages.error} retry={pages.items.length > 0 ? pages.loadMore : pages.reload} />}
      <ol class="list">
        {pages.items.map((change, i) => (
          <li key={i} class="row">
            <Age time={change.at} />
            <span>{change.by === undefined ? <span class="faint">nobody knows who</span> : <Text value={change.by} />}</span>
            <code>{change.action}</code>
            <Text value={change.target} />
            {change.detail !== undefined && (
              <span class="faint">
                <Text value={change.detail} />
              </span>
            )}
          </li>
        ))}
      </ol>
      {pages.isLoading && <Loading what="changes" />}
      {!pages.isLoading && !pages.error && pages.items.length === 0 && <p class="faint">Nothing was changed yet.</p>}
      {pages.hasMore && !pages.isLoading && (
        <button type="button" onClick={pages.loadMore}>
          Show more
        </button>
      )}
    </>
  );
}
