import type { ComponentChildren } from 'preact';
import type { ManifestInfo } from '../api/types';
import { Copy } from '../parts/Copy';
import { Facts, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { platformsOf } from '../parts/manifests';
import { pullCommands, sizeOf } from '../words';
import { BuildHistory, ConfigFacts } from './ImageConfigParts';
import { Layers } from './Layers';
import { PlatformList } from './PlatformList';
import { Referrers } from './Referrers';

/** What a manifest says, whether one came by a tag or by its digest. */
export function ManifestContent({ name, reference, manifest }: { name: string; reference: string; manifest: ManifestInfo }) {
  const platforms = platformsOf(manifest);
  const annotations = Object.entries(manifest.annotations ?? {});
  const shown: [string, ComponentChildren][] = [
    ['Kind', manifest.kind],
    [manifest.manifests.length > 0 ? 'Size of the index itself' : 'Size', sizeOf(manifest.totalSize)],
    ['Media type', <Text value={manifest.mediaType} />],
  ];
  if (manifest.artifactType !== undefined) shown.push(['Artifact type', <Text value={manifest.artifactType} />]);
  if (platforms.length > 0) shown.push(['Platforms', <Text value={platforms.join(', ')} />]);
  return (
    <>
      <Section id="what" title="What it is">
        <Facts rows={shown} />
        {pullCommands(manifest.kind, name, reference, location).map(({ tool, command }) => (
          <p class="command" key={tool}>
            <code>{command}</code>
            <Copy text={command} label={`Copy the command for ${tool}`} />
          </p>
        ))}
      </Section>
      {manifest.manifests.length > 0 && <PlatformList name={name} parts={manifest.manifests} />}
      {manifest.blobs.length > 0 && <Layers manifest={manifest} />}
      {manifest.config && <ConfigFacts config={manifest.config} />}
      {manifest.config && manifest.config.history.length > 0 && <BuildHistory steps={manifest.config.history} />}
      {annotations.length > 0 && (
        <Section id="annotations" title="Annotations">
          <Facts rows={annotations.map(([key, value]) => [key, <Text value={value} />])} />
        </Section>
      )}
      <Referrers name={name} digest={manifest.digest} />
    </>
  );
}
