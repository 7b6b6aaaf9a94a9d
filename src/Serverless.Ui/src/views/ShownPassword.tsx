import { Copy } from '../parts/Copy';
import { Dialog } from '../parts/Dialog';

/** A robot's password, which nobody can be shown a second time. */
export function ShownPassword({ name, password, onClose }: { name: string; password: string; onClose: () => void }) {
  return (
    <Dialog title={`The password of ${name}`} action="I have it" onDo={() => Promise.resolve()} onClose={onClose}>
      <p>It is shown only now. The registry keeps no more of it than a hash.</p>
      <p class="command">
        <code>{password}</code>
        <Copy text={password} label="Copy the password" />
      </p>
    </Dialog>
  );
}
