import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { TagMove } from '../api/types';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { Loaded } from '../parts/Loaded';
import { Age, DigestText, Section } from '../parts/Small';
import { Text } from '../parts/Text';
import { useLoad } from '../parts/useLoad';
import { links } from '../routes';

interface TagHistoryProps {
  name: string;
  tag: string;
  /** What it points at. */
  digest: string;
  onChanged: () => void;
}

/** What a tag has pointed at, and a way back to it. */
export function TagHistory({ name, tag, digest, onChanged }: TagHistoryProps) {
  const [back, setBack] = useState<TagMove | null>(null);
  const [load, reload] = useLoad(signal => api.listMoves(name, tag, signal), [name, tag, digest]);

  async function roll(to: string, seen: string): Promise<void> {
    await api.pointTag(name, tag, to, seen);
    onChanged();
  }

  async function rollBack(move: TagMove): Promise<void> {
    await roll(move.digest, digest);
    announce({ text: `${tag} points at ${move.digest} again.`, stays: true, undo: () => roll(digest, move.digest) });
  }

  return (
    <Section id="moves" title="History of the tag">
      <Loaded load={load} what="the history" retry={reload}>
        {({ moves }) => (
          <ol class="list">
            {moves.map((move, i) => (
              <li key={i} class="row">
                <DigestText digest={move.digest} name={name} />
                <Age time={move.at} />
                {move.by !== undefined && (
                  <span class="faint">
                    by <Text value={move.by} />
                  </span>
                )}
                {move.digest === digest ? (
                  <strong>{i === 0 ? 'now' : 'the same as now'}</strong>
                ) : (
                  <span class="actions">
                    <a href={links.compare(name, move.digest, tag)} aria-label={`Compare ${move.digest} with ${tag}`}>
                      Compare
                    </a>
                    <button type="button" class="small" onClick={() => setBack(move)} aria-label={`Roll back to ${move.digest}`}>
                      Roll back
                    </button>
                  </span>
                )}
              </li>
            ))}
          </ol>
        )}
      </Loaded>
      {back !== null && (
        <Dialog title={`Point ${tag} back?`} action="Roll back" onDo={() => rollBack(back)} onClose={() => setBack(null)}>
          <p>
            It will point at <DigestText digest={back.digest} /> again, as it did <Age time={back.at} />. Nothing is deleted.
          </p>
        </Dialog>
      )}
    </Section>
  );
}
