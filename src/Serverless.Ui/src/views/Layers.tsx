import type { ManifestInfo, Part } from '../api/types';
import { Bar, WholeBar } from '../parts/Bars';
import { DigestText, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { sizeOf } from '../words';

const titleOf = (part: Part): string | undefined => part.annotations?.['org.opencontainers.image.title'];

/** Config and layers, as a picture of their sizes and as a list. */
export function Layers({ manifest }: { manifest: ManifestInfo }) {
  const sizes = manifest.blobs.map(b => b.size);
  const largest = Math.max(...sizes, 1);
  const label = `${sizes.length} blobs of ${sizeOf(sizes.reduce((sum, s) => sum + s, 0))} together; the largest has ${sizeOf(largest)}`;
  return (
    <Section id="layers" title="Layers">
      <WholeBar label={label} parts={manifest.blobs.map(b => ({ size: b.size, title: `${sizeOf(b.size)}, ${b.digest}` }))} />
      <ol class="list layers">
        {manifest.blobs.map((part, i) => (
          <li key={i}>
            <Bar size={part.size} largest={largest} index={i} />
            <span class="size">{sizeOf(part.size)}</span>
            <DigestText digest={part.digest} />
            <span class="faint">
              <Text value={titleOf(part) ?? part.mediaType} />
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
