import { useEffect, useState } from 'preact/hooks';

/** Something that was done, said to everybody, and how it is undone. */
export interface Notice {
  text: string;
  undo?: () => Promise<void>;
  /** Whether it stays until the next one, and is shown; else it is gone in a few seconds. */
  stays?: boolean;
}

const shownFor = 6000;
let listener: ((notice: Notice) => void) | null = null;

/** Says something in the live region, which screen readers read out. */
export function announce(notice: string | Notice): void {
  listener?.(typeof notice === 'string' ? { text: notice } : notice);
}

/** Gives the focus to what can be done about the last notice, where the element that had it is gone; else to the heading of the view. */
export function focusNotice(): void {
  (document.querySelector<HTMLElement>('.notice button') ?? document.querySelector<HTMLElement>('h1'))?.focus();
}

/** The live region. It is there from the start: one that appears with its text is not read out by all. */
export function Announcer() {
  const [notice, setNotice] = useState<Notice | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    listener = setNotice;
    return () => {
      listener = null;
    };
  }, []);
  useEffect(() => {
    if (notice === null || notice.stays) return;
    const timer = setTimeout(() => setNotice(null), shownFor);
    return () => clearTimeout(timer);
  }, [notice]);

  async function undo(action: () => Promise<void>) {
    setBusy(true);
    try {
      await action();
      document.querySelector<HTMLElement>('h1')?.focus();
    } catch (e) {
      setNotice({ text: (e as Error).message, stays: true });
    } finally {
      setBusy(false);
    }
  }

  return (
    <aside aria-label="Messages" class={notice ? 'notice' : 'notice empty'}>
      <p role="status">{notice && <bdi class="text">{notice.text}</bdi>}</p>
      {notice?.undo && (
        <button type="button" disabled={isBusy} onClick={() => void undo(notice.undo!)}>
          Undo
        </button>
      )}
      {notice?.stays && (
        <button type="button" class="quiet" onClick={() => setNotice(null)}>
          Dismiss
        </button>
      )}
    </aside>
  );
}
