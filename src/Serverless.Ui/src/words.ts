const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in bytes as people read it. */
export function sizeOf(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The bytes of a size as people write it; undefined of an empty text. */
export function bytesIn(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const found = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)$/i.exec(text.trim());
  if (found === null) throw new Error('A size is written like 10 GiB, 500 MiB or 1000000.');
  const power = ['k', 'm', 'g', 't'].indexOf(found[2]!.slice(0, 1).toLowerCase()) + 1;
  return Math.round(Number(found[1]) * 1024 ** power);
}

/** A size so that it can be changed and read back without loss. */
export function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  const unit = [4, 3, 2, 1].find(u => bytes > 0 && bytes % 1024 ** u === 0);
  return unit === undefined ? `${bytes}` : `${bytes / 1024 ** unit} ${units[unit]}`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago something was. */
export function ageOf(time: Date, now: Date): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of steps) if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  return 'just now';
}

/** A digest as far as people compare it by eye. */
export const shortDigest = (digest: string): string => digest.replace(/^(\w+):(.{12}).*$/, '$1:$2');

export const plural = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export interface PullCommand {
  tool: string;
  command: string;
}

/**
 * How a client pulls something, by what it is. Registries without TLS are for tests, and most clients have to be told.
 * @param page The address of this page, whose host is the registry's.
 */
export function pullCommands(kind: string, name: string, reference: string, page: { host: string; protocol: string }): PullCommand[] {
  const isDigest = reference.includes(':');
  const image = `${page.host}/${name}${isDigest ? '@' : ':'}${reference}`;
  const plain = page.protocol === 'http:';
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (kind === 'Helm chart') {
    const chart = isDigest ? `oci://${image}` : `oci://${page.host}/${name} --version ${reference.replaceAll('_', '+')}`;
    return [
      { tool: 'helm', command: `helm pull ${chart}${plain ? ' --plain-http' : ''}` },
      { tool: 'oras', command: `oras pull ${image}${plain ? ' --plain-http' : ''}` },
    ];
  }
  if (kind === 'image' || kind === 'index') {
    return [
      { tool: 'docker', command: `docker pull ${image}` },
      { tool: 'podman', command: `podman pull ${plain ? '--tls-verify=false ' : ''}${image}` },
      { tool: 'skopeo', command: `skopeo copy ${plain ? '--src-tls-verify=false ' : ''}docker://${image} oci:${base}` },
    ];
  }
  return [{ tool: 'oras', command: `oras pull ${image}${plain ? ' --plain-http' : ''}` }];
}

/** The words of a text that somebody has typed. */
export const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter(w => w.length > 0);
