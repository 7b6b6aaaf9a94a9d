import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { focusNotice } from './announcer';

interface DialogProps {
  title: string;
  /** What the button that does it says. */
  action: string;
  isDangerous?: boolean;
  /** Whether it cannot be done yet. */
  isBlocked?: boolean;
  onDo: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * Asks before something is done. The browser keeps the focus inside of it, closes it by Escape, and gives the focus back to the button that has opened it. That may go with what was
 * done, so then the focus is where it can be undone.
 */
export function Dialog({ title, action, isDangerous = false, isBlocked = false, onDo, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isDone = useRef(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(e: Event) {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onDo();
      isDone.current = true;
      // What was done may have taken the view away, and the dialog with it.
      if (dialog.current) dialog.current.close();
      else focusNotice();
    } catch (e) {
      setError((e as Error).message);
      setBusy(false);
    }
  }

  function close() {
    onClose();
    if (isDone.current) focusNotice();
  }

  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <form onSubmit={e => void submit(e)}>
        <h2 id={id}>
          <bdi class="text">{title}</bdi>
        </h2>
        {children}
        {error !== null && (
          <p role="alert" class="failure">
            <bdi class="text">{error}</bdi>
          </p>
        )}
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isBusy || isBlocked}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
