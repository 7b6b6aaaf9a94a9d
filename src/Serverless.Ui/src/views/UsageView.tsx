import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { NamespaceUse, Use } from '../api/types';
import { Bar, WholeBar } from '../parts/Bars';
import { Failure, Loading } from '../parts/Loaded';
import { Age } from '../parts/Small';
import { usePages } from '../parts/usePages';
import { links } from '../routes';
import { plural, sizeOf } from '../words';

/** What namespaces hold, the largest first: as a picture and as a list. */
export function UsageView() {
  const [total, setTotal] = useState<Use | undefined>();
  const pages = usePages(async (cursor, signal) => {
    const page = await api.listUsage(cursor, signal);
    if (!signal.aborted) setTotal(page.total);
    return { items: page.namespaces, cursor: page.cursor };
  }, []);
  const namespaces = [...pages.items].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const largest = Math.max(...namespaces.map(n => Math.max(n.bytes, n.quota?.hard ?? n.quota?.soft ?? 0)), 1);
  const sum = namespaces.reduce((bytes, n) => bytes + n.bytes, 0);
  const label = `${plural(namespaces.length, 'namespace')} ${namespaces.length === 1 ? 'holds' : 'hold'} ${sizeOf(sum)} together; the largest is ${namespaces[0]?.name} with ${sizeOf(namespaces[0]?.bytes ?? 0)}`;
  return (
    <>
      {total !== undefined && (
        <p>
          {sizeOf(total.bytes)} in {plural(total.blobs, 'blob')}, each counted once, <Age time={total.countedAt} />.
        </p>
      )}
      <p class="faint">What repositories share counts for each of them. What was pushed within the last day or so may not be counted yet, and what was deleted still be.</p>
      {pages.error && <Failure error={pages.error} retry={pages.items.length > 0 ? pages.loadMore : pages.reload} />}
      <WholeBar label={label} parts={namespaces.map(n => ({ size: n.bytes, title: `${n.name}: ${sizeOf(n.bytes)}` }))} />
      <ol class="list layers">
        {namespaces.map((n, i) => (
          <li key={n.name}>
            <Bar size={n.bytes} largest={largest} index={i} />
            <span class="size">{sizeOf(n.bytes)}</span>
            <a href={n.name.endsWith('/') ? links.repositories(n.name) : links.repository(n.name)}>{n.name}</a>
            <span class="faint">
              {plural(n.repositories, 'repository', 'repositories')}, {plural(n.blobs, 'blob')}
              {n.quota !== undefined && <Quota use={n} />}
            </span>
          </li>
        ))}
      </ol>
      {pages.isLoading && <Loading what="namespaces" />}
      {!pages.isLoading && !pages.error && namespaces.length === 0 && <p class="faint">Nothing was counted yet.</p>}
      {pages.hasMore && !pages.isLoading && (
        <button type="button" onClick={pages.loadMore}>
          Show more
        </button>
      )}
    </>
  );
}

function Quota({ use: { bytes, quota } }: { use: NamespaceUse }) {
  const { soft, hard } = quota ?? {};
  return (
    <>
      {hard !== undefined && `; may hold ${sizeOf(hard)}`}
      {soft !== undefined && `; warned from ${sizeOf(soft)} on`}
      {(hard !== undefined && bytes >= hard && <strong> · full</strong>) || (soft !== undefined && bytes > soft && <strong> · above the warning</strong>)}
    </>
  );
}
