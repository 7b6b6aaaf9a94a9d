import { useState } from 'preact/hooks';

// Longer texts are shown when somebody asks for them.
const most = 240;

/**
 * A text that somebody else has written, and who knows whom: always text and never markup, in its own direction, which does not reach beyond it,
 * broken wherever it must be, and cut when it is very long.
 */
export function Text({ value }: { value: string }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = value.length > most;
  return (
    <>
      <bdi class="text">{isLong && !isWhole ? `${value.slice(0, most)}…` : value}</bdi>
      {isLong && (
        <button type="button" class="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${value.length.toLocaleString('en')} characters`}
        </button>
      )}
    </>
  );
}
