import { useState } from 'preact/hooks';
import { getManifest } from '../parts/manifests';
import { Loaded } from '../parts/Loaded';
import { Crumbs, DigestText } from '../parts/Small';
import { useLoad } from '../parts/useLoad';
import { links } from '../routes';
import { DeleteManifest } from './DeleteTag';
import { ManifestContent } from './ManifestContent';

/** A manifest by its digest. */
export function ManifestView({ name, digest }: { name: string; digest: string }) {
  const [isDeleting, setDeleting] = useState(false);
  const [load, reload] = useLoad(signal => getManifest(name, digest, signal), [name, digest]);
  return (
    <>
      <Crumbs>
        <a href={links.repository(name)}>{name}</a> <span aria-hidden="true">›</span> <DigestText digest={digest} />
      </Crumbs>
      <Loaded load={load} what="the manifest" retry={reload}>
        {manifest => (
          <>
            <div class="actions">
              {manifest.subject !== undefined && (
                <span>
                  refers to <DigestText digest={manifest.subject} name={name} />
                </span>
              )}
              <button type="button" class="danger" onClick={() => setDeleting(true)}>
                Delete the manifest
              </button>
            </div>
            <ManifestContent name={name} reference={digest} manifest={manifest} />
            {isDeleting && <DeleteManifest name={name} digest={digest} onDone={() => (location.hash = links.repository(name))} onClose={() => setDeleting(false)} />}
          </>
        )}
      </Loaded>
    </>
  );
}
