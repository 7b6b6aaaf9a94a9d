import { useState } from 'preact/hooks';
import { api } from '../api/client';
import { Age, Crumbs } from '../parts/Small';
import { Dialog } from '../parts/Dialog';
import { Failure, Loaded, Loading } from '../parts/Loaded';
import { announce } from '../parts/announcer';
import { useLoad } from '../parts/useLoad';
import { usePages } from '../parts/usePages';
import { links } from '../routes';
import { plural, sizeOf } from '../words';
import { TagCard } from './TagCard';

/** A repository's tags. */
export function RepositoryView({ name }: { name: string }) {
  const [info, reloadInfo] = useLoad(signal => api.getRepository(name, signal), [name]);
  return (
    <>
      <Crumbs>{name}</Crumbs>
      <Loaded load={info} what="the repository" retry={reloadInfo}>
        {i => (
          <>
            <p class="faint">
              {i.hasMoreTags ? 'more than ' : ''}
              {plural(i.tags, 'tag')} · pushed <Age time={i.pushedAt} />
              {i.pulledAt !== undefined && (
                <>
                  {' '}
                  · pulled <Age time={i.pulledAt} />
                </>
              )}
              {i.use !== undefined && ` · ${sizeOf(i.use.bytes)} in ${plural(i.use.blobs, 'blob')}`}
              {i.isMirror && ' · mirrors another registry'}
            </p>
            <Tags name={name} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Tags({ name }: { name: string }) {
  const [left, setLeft] = useState<string | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const pages = usePages(async (cursor, signal) => {
    const page = await api.listTags(name, cursor, signal);
    return { items: page.tags, cursor: page.cursor };
  }, [name]);

  return (
    <>
      {left !== null && (
        <p role="status" class="card">
          Compare <strong>{left}</strong> with another tag of this list.{' '}
          <button type="button" class="quiet" onClick={() => setLeft(null)}>
            Cancel
          </button>
        </p>
      )}
      {pages.error && <Failure error={pages.error} retry={pages.items.length > 0 ? pages.loadMore : pages.reload} />}
      <ul class="list cards">
        {pages.items.map(tag => (
          <TagCard
            key={tag.name}
            name={name}
            tag={tag}
            left={left}
            onCompare={() => (left === null ? setLeft(tag.name) : (location.hash = links.compare(name, left, tag.name)))}
            onChanged={pages.reload}
          />
        ))}
      </ul>
      {pages.isLoading && <Loading what="tags" />}
      {!pages.isLoading && !pages.error && pages.items.length === 0 && <p class="faint">There are no tags.</p>}
      <div class="actions">
        {pages.hasMore && !pages.isLoading && (
          <button type="button" onClick={pages.loadMore}>
            Show more
          </button>
        )}
        <a href={links.deleted(name)}>What was deleted</a>
        <button type="button" class="danger" onClick={() => setRemoving(true)}>
          Delete the repository
        </button>
      </div>
      {isRemoving && <RemoveRepository name={name} onClose={() => setRemoving(false)} />}
    </>
  );
}

function RemoveRepository({ name, onClose }: { name: string; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  async function remove() {
    await api.removeRepository(name);
    location.hash = links.repositories();
    announce({ text: `${name} was deleted.`, stays: true });
  }

  return (
    <Dialog title={`Delete ${name} with all its tags?`} action="Delete the repository" isDangerous isBlocked={typed !== name} onDo={remove} onClose={onClose}>
      <p>This deletes every tag and every manifest of it, and cannot be undone here.</p>
      <label for="typed-name">Type the name of the repository</label>
      <input id="typed-name" autocomplete="off" autocapitalize="none" spellcheck={false} value={typed} onInput={e => setTyped(e.currentTarget.value)} />
    </Dialog>
  );
}
