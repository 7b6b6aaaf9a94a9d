import { useState } from 'preact/hooks';
import { api } from '../api/client';
import { getManifest } from '../parts/manifests';
import { Loaded } from '../parts/Loaded';
import { Age, Crumbs, DigestText } from '../parts/Small';
import { useLoad } from '../parts/useLoad';
import { links } from '../routes';
import { DeleteTag } from './DeleteTag';
import { ManifestContent } from './ManifestContent';
import { TagHistory } from './TagHistory';

/** A tag: what it points at, and what it has pointed at. */
export function TagView({ name, tag }: { name: string; tag: string }) {
  const [isDeleting, setDeleting] = useState(false);
  const [load, reload] = useLoad(async signal => {
    const info = await api.getTag(name, tag, signal);
    return { info, manifest: await getManifest(name, info.digest, signal) };
  }, [name, tag]);

  return (
    <>
      <Crumbs>
        <a href={links.repository(name)}>{name}</a> <span aria-hidden="true">›</span> {tag}
      </Crumbs>
      <Loaded load={load} what="the tag" retry={reload}>
        {({ info, manifest }) => (
          <>
            <div class="actions">
              <span>
                pushed <Age time={info.pushedAt} />
              </span>
              <DigestText digest={info.digest} name={name} />
              <button type="button" class="danger" onClick={() => setDeleting(true)}>
                Delete the tag
              </button>
            </div>
            <ManifestContent name={name} reference={tag} manifest={manifest} />
            <TagHistory name={name} tag={tag} digest={info.digest} onChanged={reload} />
            {isDeleting && <DeleteTag name={name} tag={info} onDone={() => (location.hash = links.repository(name))} onClose={() => setDeleting(false)} />}
          </>
        )}
      </Loaded>
    </>
  );
}
