import { announce } from './announcer';

/** A button that copies a text. */
export function Copy({ text, label }: { text: string; label: string }) {
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      announce('Copied.');
    } catch {
      // Browsers have a clipboard only for pages that came by https or from this machine.
      announce('This browser does not let the page copy. Mark the text and copy it yourself.');
    }
  }

  return (
    <button type="button" class="small" onClick={() => void copy()} aria-label={label} title={label}>
      Copy
    </button>
  );
}
