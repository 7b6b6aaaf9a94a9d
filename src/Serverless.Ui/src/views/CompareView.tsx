import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { ManifestInfo } from '../api/types';
import { compareConfigs, compareLayers } from '../diff';
import { getManifest, imagesOf, platformsOf } from '../parts/manifests';
import { Loaded } from '../parts/Loaded';
import { Crumbs, DigestText, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { useLoad } from '../parts/useLoad';
import { isDigest, links } from '../routes';
import { shortDigest, sizeOf } from '../words';

const label = (reference: string) => (isDigest(reference) ? shortDigest(reference) : reference);

/** What differs between two tags or manifests of a repository; of indexes, between their images for one platform. */
export function CompareView({ name, left, right }: { name: string; left: string; right: string }) {
  const [load, reload] = useLoad(async signal => {
    const get = (reference: string) => (isDigest(reference) ? getManifest(name, reference, signal) : api.getManifest(name, reference, signal));
    return Promise.all([get(left), get(right)]);
  }, [name, left, right]);
  return (
    <>
      <Crumbs>
        <a href={links.repository(name)}>{name}</a> <span aria-hidden="true">›</span> compare
      </Crumbs>
      <p>
        <a href={links.compare(name, right, left)}>The other way round</a>
      </p>
      <Loaded load={load} what="both" retry={reload}>
        {([a, b]) => (a.digest === b.digest ? <p>Both are the same manifest.</p> : <Platforms name={name} labels={[label(left), label(right)]} left={a} right={b} />)}
      </Loaded>
    </>
  );
}

interface SidesProps {
  name: string;
  labels: [string, string];
  left: ManifestInfo;
  right: ManifestInfo;
}

function Platforms({ name, labels, left, right }: SidesProps) {
  const shared = platformsOf(left).filter(p => platformsOf(right).includes(p));
  const isIndex = left.manifests.length > 0 || right.manifests.length > 0;
  const [platform, setPlatform] = useState(shared.find(p => p === 'linux/amd64') ?? shared[0]);
  const [load, reload] = useLoad(async signal => {
    const get = async (manifest: ManifestInfo) => {
      const image = imagesOf(manifest).find(i => i.platform === platform);
      return image ? getManifest(name, image.digest, signal) : manifest;
    };
    return Promise.all([get(left), get(right)]);
  }, [left.digest, right.digest, platform]);
  if (isIndex && platform === undefined) return <p>They have no platform in common.</p>;
  return (
    <>
      {isIndex && (
        <p>
          <label for="platform">Platform</label>{' '}
          <select id="platform" value={platform} onChange={e => setPlatform(e.currentTarget.value)}>
            {shared.map(p => (
              <option key={p}>{p}</option>
            ))}
          </select>
        </p>
      )}
      <Loaded load={load} what="both images" retry={reload}>
        {([a, b]) => <Differences labels={labels} left={a} right={b} />}
      </Loaded>
    </>
  );
}

function Differences({ labels, left, right }: Omit<SidesProps, 'name'>) {
  const layers = compareLayers(left, right);
  const changes = compareConfigs(left, right);
  const words = { left: `only in ${labels[0]}`, right: `only in ${labels[1]}`, both: 'in both' };
  const difference = right.totalSize - left.totalSize;
  return (
    <>
      <Section id="compared-layers" title="Layers">
        <p>
          {sizeOf(left.totalSize)} and {sizeOf(right.totalSize)}: {difference === 0 ? 'the same size' : `${sizeOf(Math.abs(difference))} ${difference > 0 ? 'more' : 'less'}`}
        </p>
        <ul class="list">
          {layers.map(({ part, side }, i) => (
            <li key={i} class={`row side-${side}`}>
              <span>{words[side]}</span>
              <span>{sizeOf(part.size)}</span>
              <DigestText digest={part.digest} />
            </li>
          ))}
        </ul>
      </Section>
      <Section id="compared-config" title="Config and annotations">
        {changes.length === 0 && <p class="faint">They say the same.</p>}
        {changes.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">{labels[0]}</th>
                <th scope="col">{labels[1]}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(change => (
                <tr key={change.name}>
                  <th scope="row">
                    <Text value={change.name} />
                  </th>
                  <td>{change.left === undefined ? <span class="faint">not there</span> : <Text value={change.left} />}</td>
                  <td>{change.right === undefined ? <span class="faint">not there</span> : <Text value={change.right} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </>
  );
}
