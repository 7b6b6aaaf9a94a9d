import { useEffect, useId, useState } from 'preact/hooks';
import { api } from '../api/client';
import { Failure, Loading } from '../parts/Loaded';
import { usePages } from '../parts/usePages';
import { links, parseRoute } from '../routes';
import { plural, sizeOf } from '../words';

// How long somebody must have typed nothing for the registry to be asked.
const pause = 250;

/** The repositories that the caller may see; a search narrows them while somebody types. */
export function RepositoriesView({ q }: { q: string }) {
  const id = useId();
  const [text, setText] = useState(q);
  const pages = usePages(async (cursor, signal) => {
    const page = await api.listRepositories(q, cursor, signal);
    const sizes = new Map((page.uses ?? []).map(u => [u.name, u.bytes]));
    return { items: page.repositories.map(name => ({ name, bytes: sizes.get(name) })), cursor: page.cursor };
  }, [q]);

  // Another address, such as by the browser's way back.
  useEffect(() => setText(before => (before.trim() === q ? before : q)), [q]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === q) return;
    const timer = setTimeout(() => {
      // Somebody has followed a link a moment ago, and this view is about to go.
      if (parseRoute(location.hash).view !== 'repositories') return;
      // Each letter is no page of its own to go back to.
      history.replaceState(null, '', links.repositories(wanted));
      dispatchEvent(new HashChangeEvent('hashchange'));
    }, pause);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <>
      <search>
        <label for={id}>Search</label>
        <input id={id} type="search" autocomplete="off" autocapitalize="none" spellcheck={false} value={text} onInput={e => setText(e.currentTarget.value)} />
      </search>
      {pages.error && <Failure error={pages.error} retry={pages.items.length > 0 ? pages.loadMore : pages.reload} />}
      {!pages.error && !pages.isLoading && (
        <p role="status" class="faint">
          {pages.items.length === 0 && !pages.hasMore ? (q ? 'No repository that you may see has this in its name.' : 'There is no repository that you may see.') : `${plural(pages.items.length, 'repository', 'repositories')}${pages.hasMore ? ' and more' : ''}`}
        </p>
      )}
      <ul class="list">
        {pages.items.map(({ name, bytes }) => (
          <li key={name} class="row">
            <a href={links.repository(name)}>{name}</a>
            {bytes !== undefined && <span class="faint">{sizeOf(bytes)}</span>}
          </li>
        ))}
      </ul>
      {pages.isLoading && <Loading what="repositories" />}
      {pages.hasMore && !pages.isLoading && (
        <button type="button" onClick={pages.loadMore}>
          Show more
        </button>
      )}
    </>
  );
}
