import { api } from '../api/client';
import { announce } from '../parts/announcer';
import { Dialog } from '../parts/Dialog';
import { DigestText } from '../parts/Small';

interface DeleteTagProps {
  name: string;
  tag: { name: string; digest: string };
  /** Called when it is deleted, and when it is there again. */
  onDone: () => void;
  onClose: () => void;
}

/** Asks whether a tag is to be deleted, and says afterwards how it comes back. */
export function DeleteTag({ name, tag, onDone, onClose }: DeleteTagProps) {
  async function remove() {
    await api.deleteTag(name, tag.name, tag.digest);
    announce({
      text: `The tag ${tag.name} was deleted.`,
      stays: true,
      undo: async () => {
        await api.restore(name, tag.name);
        announce(`The tag ${tag.name} is there again.`);
        onDone();
      },
    });
    onDone();
  }

  return (
    <Dialog title={`Delete the tag ${tag.name}?`} action="Delete" isDangerous onDo={remove} onClose={onClose}>
      <p>
        It points at <DigestText digest={tag.digest} />. What it points at stays until garbage collection finds that nothing names it. Within the grace the tag can be restored.
      </p>
    </Dialog>
  );
}

/** Asks whether a manifest is to be deleted with its tags. */
export function DeleteManifest({ name, digest, onDone, onClose }: { name: string; digest: string; onDone: () => void; onClose: () => void }) {
  async function remove() {
    await api.deleteManifest(name, digest);
    announce({
      text: 'The manifest was deleted with the tags that pointed at it.',
      stays: true,
      undo: async () => {
        const { tags } = await api.restore(name, digest);
        announce(tags.length > 0 ? `The manifest is there again, with ${tags.join(', ')}.` : 'The manifest is there again.');
        onDone();
      },
    });
    onDone();
  }

  return (
    <Dialog title="Delete this manifest?" action="Delete" isDangerous onDo={remove} onClose={onClose}>
      <p>
        <DigestText digest={digest} /> is deleted with every tag that points at it. Within the grace it can be restored with them.
      </p>
    </Dialog>
  );
}
