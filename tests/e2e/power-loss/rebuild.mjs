// Makes a folder of what has survived, as durable.c noted it, and a new shadow in which all of it has survived.
//
//   node rebuild.mjs DISK SHADOW nothing|some SEED
//
// nothing: whatever was not synced is lost. some: of what was not synced, each name and each page of 4 KiB has reached the disk or not, as a die falls.
import fs from 'node:fs';
import path from 'node:path';

const [disk, shadow, mode, seed] = process.argv.slice(2);
const PAGE = 4096;

let state = BigInt(seed);
const chance = () => {
  // SplitMix64
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return ((z ^ (z >> 31n)) & 1n) === 1n;
};

const keyOf = file => {
  const found = fs.lstatSync(file, { bigint: true });
  return `${found.ino}-${found.birthtimeNs}`;
};

// What was there when the power went: a map from keys to files, and from keys of folders to their names.
const liveFiles = new Map(), liveNames = new Map();
const look = folder => {
  const names = new Map();
  liveNames.set(keyOf(folder), names);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name), key = keyOf(file);
    names.set(entry.name, { key, kind: entry.isDirectory() ? 'd' : 'f' });
    if (entry.isDirectory()) look(file);
    else liveFiles.set(key, file);
  }
};
look(disk);

const syncedNames = key => {
  const file = path.join(shadow, `${key}.names`);
  if (!fs.existsSync(file)) return new Map();
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return new Map(lines.map(line => line.split('\t')).map(([child, kind, name]) => [name, { key: child, kind }]));
};

const namesOf = key => {
  const synced = syncedNames(key), live = liveNames.get(key) ?? new Map();
  if (mode === 'nothing') return synced;
  const names = new Map();
  for (const name of new Set([...synced.keys(), ...live.keys()])) {
    const [before, after] = [synced.get(name), live.get(name)];
    const entry = before?.key === after?.key || chance() ? before : after;
    if (entry) names.set(name, entry);
  }
  return names;
};

const contentOf = key => {
  const file = path.join(shadow, `${key}.file`), isSynced = fs.existsSync(file);
  const synced = isSynced ? fs.readFileSync(file) : Buffer.alloc(0);
  const from = liveFiles.get(key);
  const time = fs.statSync(isSynced ? file : from ?? disk).mtime;
  if (mode === 'nothing' || !from) return { content: synced, time };
  const live = fs.readFileSync(from);
  if (live.equals(synced)) return { content: synced, time };
  const content = Buffer.alloc(chance() ? live.length : synced.length);
  for (let at = 0; at < content.length; at += PAGE) {
    const page = (chance() ? live : synced).subarray(at, at + PAGE);
    page.copy(content, at);
  }

  return { content, time };
};

const made = new Map();
const counts = { files: 0, empty: 0 };
const build = (key, folder) => {
  fs.mkdirSync(folder, { mode: 0o700 });
  for (const [name, entry] of namesOf(key)) {
    const target = path.join(folder, name);
    if (entry.kind === 'd') {
      build(entry.key, target);
    } else if (made.has(entry.key)) {
      fs.linkSync(made.get(entry.key), target);
    } else {
      const { content, time } = contentOf(entry.key);
      fs.writeFileSync(target, content, { mode: 0o600 });
      fs.utimesSync(target, time, time);
      made.set(entry.key, target);
      counts.files++;
      if (content.length === 0) counts.empty++;
    }
  }
};

// The folder that is watched keeps its place, and gets another inode.
const rebuilt = `${disk}.rebuilt`;
build(keyOf(disk), rebuilt);
fs.rmSync(disk, { recursive: true });
fs.renameSync(rebuilt, disk);
fs.rmSync(shadow, { recursive: true });
fs.mkdirSync(shadow);
const keep = folder => {
  const lines = [];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name), key = keyOf(file);
    lines.push(`${key}\t${entry.isDirectory() ? 'd' : 'f'}\t${entry.name}\n`);
    if (entry.isDirectory()) {
      keep(file);
    } else {
      const { atime, mtime } = fs.statSync(file);
      fs.copyFileSync(file, path.join(shadow, `${key}.file`), fs.constants.COPYFILE_FICLONE);
      fs.utimesSync(path.join(shadow, `${key}.file`), atime, mtime);
    }
  }
  fs.writeFileSync(path.join(shadow, `${keyOf(folder)}.names`), lines.join(''));
};
keep(disk);
console.log(`${counts.files} files survived, ${counts.empty} of them empty`);
