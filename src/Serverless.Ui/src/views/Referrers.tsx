import { api } from '../api/client';
import type { Referrer } from '../api/types';
import { DigestText, Section } from '../parts/Small';
import { Loaded } from '../parts/Loaded';
import { Text } from '../parts/Text';
import { useLoad } from '../parts/useLoad';
import { sizeOf } from '../words';

/** Signatures, SBOMs, attestations and whatever else refers to a manifest, and what refers to those. */
export function Referrers({ name, digest }: { name: string; digest: string }) {
  const [load, reload] = useLoad(signal => api.listReferrers(name, digest, signal), [name, digest]);
  return (
    <Section id="referrers" title="What refers to it">
      <Loaded load={load} what="referrers" retry={reload}>
        {({ referrers, hasMore }) => (
          <>
            {referrers.length === 0 ? <p class="faint">Nothing: no signature, SBOM or attestation is attached.</p> : <Tree name={name} referrers={referrers} />}
            {hasMore && <p class="faint">There are more than are shown.</p>}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Tree({ name, referrers }: { name: string; referrers: Referrer[] }) {
  return (
    <ul class="tree">
      {referrers.map(referrer => (
        <li key={referrer.digest}>
          <strong>{referrer.kind}</strong> <DigestText digest={referrer.digest} name={name} />{' '}
          <span class="faint">
            {sizeOf(referrer.size)}
            {referrer.artifactType !== undefined && (
              <>
                {' · '}
                <Text value={referrer.artifactType} />
              </>
            )}
          </span>
          {Object.entries(referrer.annotations ?? {}).map(([key, value]) => (
            <p key={key} class="faint annotation">
              <Text value={key} />: <Text value={value} />
            </p>
          ))}
          {referrer.referrers.length > 0 && <Tree name={name} referrers={referrer.referrers} />}
        </li>
      ))}
    </ul>
  );
}
