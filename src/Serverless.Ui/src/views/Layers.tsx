import type { ManifestInfo, Part } from '../api/types';
import { DigestText, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { sizeOf } from '../words';

// What is smaller could not be seen.
const least = 0.4;
const colours = 6;

const titleOf = (part: Part): string | undefined => part.annotations?.['org.opencontainers.image.title'];

/** Config and layers, as a picture of their sizes and as a list. */
export function Layers({ manifest }: { manifest: ManifestInfo }) {
  const largest = Math.max(...manifest.blobs.map(b => b.size), 1);
  return (
    <Section id="layers" title="Layers">
      <Bar parts={manifest.blobs} />
      <ol class="list layers">
        {manifest.blobs.map((part, i) => (
          <li key={i}>
            <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
              <rect class={`part-${i % colours}`} width={Math.max((part.size / largest) * 100, least)} height="1" />
            </svg>
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

// All in one bar, each as wide as it is large.
function Bar({ parts }: { parts: Part[] }) {
  const total = parts.reduce((sum, p) => sum + p.size, 0);
  if (total === 0) return null;
  let x = 0;
  return (
    <svg class="bar whole" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={`${parts.length} blobs of ${sizeOf(total)} together; the largest has ${sizeOf(Math.max(...parts.map(p => p.size)))}`}>
      {parts.map((part, i) => {
        const width = (part.size / total) * 100;
        x += width;
        return (
          <rect key={i} class={`part-${i % colours}`} x={x - width} width={width} height="1">
            <title>{`${sizeOf(part.size)}, ${part.digest}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
