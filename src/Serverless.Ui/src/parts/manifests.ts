import { api } from '../api/client';
import { session } from '../api/session';
import type { ManifestInfo, Part } from '../api/types';

// Requests at a time: a list of tags asks for a manifest of each that is looked at.
const atOnce = 4;
const most = 500;

// By their digests, which say what they are: they never change. Whoever signs in or out begins anew, for rights differ.
const known = new Map<string, ManifestInfo>();
let running = 0;
const waiting: (() => void)[] = [];
session.onChange(() => known.clear());

/** A manifest by its digest; one that was shown before is not asked for again. */
export async function getManifest(name: string, digest: string, signal: AbortSignal): Promise<ManifestInfo> {
  const key = `${name}@${digest}`;
  const found = known.get(key);
  if (found) return found;
  if (running >= atOnce) await new Promise<void>(resume => waiting.push(resume));
  running++;
  try {
    signal.throwIfAborted();
    const manifest = await api.getManifest(name, digest, signal);
    if (known.size >= most) known.clear();
    known.set(key, manifest);
    return manifest;
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** The images of an index, without what belongs to them, such as attestations. */
export const imagesOf = (index: ManifestInfo): Part[] => index.manifests.filter(m => m.kind === 'image' || m.kind === 'index');

/** The platforms of an image or an index. */
export function platformsOf(manifest: ManifestInfo): string[] {
  const found = manifest.manifests.length > 0 ? imagesOf(manifest).map(m => m.platform) : [manifest.config?.platform];
  return [...new Set(found.filter((p): p is string => p !== undefined))];
}
