import type { ImageConfig, ManifestInfo, Part } from './api/types';

/** A layer of one of two images, or of both. */
export interface LayerChange {
  part: Part;
  side: 'left' | 'right' | 'both';
}

/** Layers of two images: those of the left in its order, then what only the right has. */
export function compareLayers(left: ManifestInfo, right: ManifestInfo): LayerChange[] {
  const inLeft = new Set(left.blobs.map(b => b.digest));
  const inRight = new Set(right.blobs.map(b => b.digest));
  return [
    ...left.blobs.map((part): LayerChange => ({ part, side: inRight.has(part.digest) ? 'both' : 'left' })),
    ...right.blobs.filter(b => !inLeft.has(b.digest)).map((part): LayerChange => ({ part, side: 'right' })),
  ];
}

/** Something that two images say differently; undefined: one does not say it. */
export interface ConfigChange {
  name: string;
  left: string | undefined;
  right: string | undefined;
}

/** What two configs, labels and annotations say differently. */
export function compareConfigs(left: ManifestInfo, right: ManifestInfo): ConfigChange[] {
  const [before, after] = [facts(left), facts(right)];
  return [...new Set([...before.keys(), ...after.keys()])].map(name => ({ name, left: before.get(name), right: after.get(name) })).filter(c => c.left !== c.right);
}

function facts(manifest: ManifestInfo): Map<string, string> {
  const found = new Map<string, string>();
  const set = (name: string, value: string | undefined) => value !== undefined && value !== '' && found.set(name, value);
  const config: Partial<ImageConfig> = manifest.config ?? {};
  set('Kind', manifest.kind);
  set('Platform', config.platform);
  set('Built', config.createdAt);
  set('Author', config.author);
  set('Entrypoint', list(config.entrypoint));
  set('Command', list(config.command));
  set('Working directory', config.workingDirectory);
  set('User', config.user);
  set('Ports', list(config.ports));
  set('Volumes', list(config.volumes));
  for (const pair of config.environment ?? []) {
    const end = pair.indexOf('=');
    set(`Environment ${end < 0 ? pair : pair.slice(0, end)}`, end < 0 ? ' ' : pair.slice(end + 1) || ' ');
  }
  for (const [name, value] of Object.entries(config.labels ?? {})) set(`Label ${name}`, value);
  for (const [name, value] of Object.entries(manifest.annotations ?? {})) set(`Annotation ${name}`, value);
  return found;
}

const list = (words: string[] | undefined): string | undefined => (words && words.length > 0 ? JSON.stringify(words) : undefined);
