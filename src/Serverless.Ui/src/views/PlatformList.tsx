import type { Part } from '../api/types';
import { getManifest } from '../parts/manifests';
import { DigestText, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { useLoad } from '../parts/useLoad';
import { sizeOf } from '../words';

// Each image whose size is shown is a request.
const mostSizes = 20;

/** The images of an index, and what belongs to them. */
export function PlatformList({ name, parts }: { name: string; parts: Part[] }) {
  return (
    <Section id="platforms" title="Images of this index">
      <ul class="list">
        {parts.map((part, i) => (
          <li key={i} class="row">
            <DigestText digest={part.digest} name={name} />
            <span>{part.platform === undefined ? (part.kind ?? 'manifest') : <Text value={part.platform} />}</span>
            {part.platform !== undefined && part.kind !== 'image' && <span class="faint">{part.kind}</span>}
            {part.kind === 'image' && i < mostSizes && <ImageSize name={name} digest={part.digest} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ImageSize({ name, digest }: { name: string; digest: string }) {
  const [load] = useLoad(signal => getManifest(name, digest, signal), [name, digest]);
  if (load.state === 'loading') return <span class="faint">…</span>;
  // Index and image are pushed by themselves: one that is not here says so, and the others are shown.
  return load.state === 'failed' ? <span class="failure">{load.error.message}</span> : <span>{sizeOf(load.value.totalSize)}</span>;
}
