import { useEffect, useRef, useState } from 'preact/hooks';
import type { TagInfo } from '../api/types';
import { Copy } from '../parts/Copy';
import { getManifest, imagesOf, platformsOf } from '../parts/manifests';
import { Age, DigestText } from '../parts/Small';
import { Text } from '../parts/Text';
import { useLoad } from '../parts/useLoad';
import { links } from '../routes';
import { pullCommands, sizeOf } from '../words';
import { DeleteTag } from './DeleteTag';

interface TagCardProps {
  name: string;
  tag: TagInfo;
  /** The tag that another one is to be compared with. */
  left: string | null;
  onCompare: () => void;
  onChanged: () => void;
}

/** A tag of a list. What it points at is asked for when the tag comes into view. */
export function TagCard({ name, tag, left, onCompare, onChanged }: TagCardProps) {
  const card = useRef<HTMLLIElement>(null);
  const [isSeen, setSeen] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(entries => {
      if (!entries.some(e => e.isIntersecting)) return;
      setSeen(true);
      observer.disconnect();
    });
    observer.observe(card.current!);
    return () => observer.disconnect();
  }, []);

  return (
    <li ref={card}>
      <div class="tag-head">
        <a href={links.tag(name, tag.name)} class="tag-name">
          {tag.name}
        </a>
        <span>
          pushed <Age time={tag.pushedAt} />
        </span>
        {tag.pulledAt !== undefined && (
          <span>
            pulled <Age time={tag.pulledAt} />
          </span>
        )}
        <DigestText digest={tag.digest} name={name} />
      </div>
      {isSeen ? <Content name={name} tag={tag} /> : <p class="faint">…</p>}
      <div class="actions">
        <button type="button" class="small" onClick={onCompare} disabled={left === tag.name} aria-label={left === null ? `Compare ${tag.name} with another tag` : `Compare ${left} with ${tag.name}`}>
          {left === null ? 'Compare' : `Compare with ${left}`}
        </button>
        <button type="button" class="small danger" onClick={() => setDeleting(true)} aria-label={`Delete ${tag.name}`}>
          Delete
        </button>
      </div>
      {isDeleting && <DeleteTag name={name} tag={tag} onDone={onChanged} onClose={() => setDeleting(false)} />}
    </li>
  );
}

function Content({ name, tag }: { name: string; tag: TagInfo }) {
  const [load] = useLoad(async signal => {
    const manifest = await getManifest(name, tag.digest, signal);
    // The size of an index says nothing; that of an image in it does.
    const first = imagesOf(manifest)[0];
    const image = first && first.kind === 'image' ? await getManifest(name, first.digest, signal) : null;
    return { manifest, size: image?.totalSize ?? manifest.totalSize, of: image ? (first?.platform ?? 'the first image') : null };
  }, [name, tag.digest]);
  if (load.state === 'loading') return <p class="faint">…</p>;
  if (load.state === 'failed') return <p class="failure">{load.error.message}</p>;
  const { manifest, size, of } = load.value;
  const [pull] = pullCommands(manifest.kind, name, tag.name, location);
  const platforms = platformsOf(manifest);
  return (
    <>
      <p class="tag-facts">
        <span>{manifest.kind}</span>
        <span>
          {sizeOf(size)}
          {of !== null && (
            <>
              {' '}
              (<Text value={of} />)
            </>
          )}
        </span>
        {platforms.length > 0 && (
          <span>
            <Text value={platforms.join(', ')} />
          </span>
        )}
      </p>
      {pull && (
        <p class="command">
          <code>{pull.command}</code>
          <Copy text={pull.command} label={`Copy the command that pulls ${tag.name}`} />
        </p>
      )}
    </>
  );
}
