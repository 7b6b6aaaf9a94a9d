// The settings that the registry reads, found where its source asks for them.
import fs from 'node:fs';
import path from 'node:path';

function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (entry.name === 'bin' || entry.name === 'obj') return [];
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(file) : entry.name.endsWith('.cs') ? [file] : [];
  });
}

// { scalars, lists, sections: sets of keys such as Storage:AccountName; members: names below a section }
export function readSettings(root) {
  const scalars = new Set(), lists = new Set(), sections = new Set(), members = new Set();
  const tasks = new Set();
  for (const file of sources(path.join(root, 'src/Serverless.Web/Settings'))) {
    const text = fs.readFileSync(file, 'utf8');
    if (file.endsWith('MaintenanceSettings.cs')) for (const [, task] of text.matchAll(/const string \w+ = "(\w+)"/g)) tasks.add(task);
    for (const [, method, key] of text.matchAll(/reader\.(Text|Flag|Number|Duration|Url|Choice|List|Sections)(?:<\w+>)?\(\$?"([^"]+)"/g)) {
      (method === 'List' ? lists : method === 'Sections' ? sections : scalars).add(key);
    }
    for (const [, key] of text.matchAll(/Rights\(reader, "([^"]+)"\)/g)) lists.add(key);
    for (const [, member] of text.matchAll(/reader\.\w+(?:<\w+>)?\(\w+ \+ ":(\w+)"/g)) members.add(member);
  }
  for (const key of [...scalars].filter(k => k.includes('{name}'))) {
    scalars.delete(key);
    for (const task of tasks) scalars.add(key.replace('{name}', task));
  }
  return { scalars, lists, sections, members };
}

export function isSetting({ scalars, lists, sections, members }, variable) {
  const key = variable.replace(/^Registry__/, '').replaceAll('__', ':');
  // A template puts the rest behind it, which snapshots have.
  if (key.endsWith(':')) return sections.has(key.slice(0, -1));
  if (scalars.has(key) || lists.has(key.replace(/:\d+$/, '')) && /:\d+$/.test(key)) return true;
  for (const section of sections) {
    if (!key.startsWith(`${section}:`)) continue;
    const [, ...rest] = key.slice(section.length + 1).split(':');
    if (rest.length > 0 && rest.every((part, i) => /^\d+$/.test(part) || members.has(part) || ['Claims', 'Headers'].includes(rest[i - 1]))) return true;
  }
  return false;
}

// App settings that triggers name as %NAME%, or by a constant that has the name. The host looks a name with '__' up in vain.
const triggers = (root, kind) => {
  const text = sources(path.join(root, 'src/Serverless.Functions')).map(file => fs.readFileSync(file, 'utf8')).join('\n');
  return [...text.matchAll(new RegExp(`\\b${kind}Trigger\\(\\$?"%\\{?(?:\\w+\\.)?(\\w+)\\}?%"`, 'g'))].map(([, constant]) => new RegExp(`const string ${constant} = "([^"]+)"`).exec(text)?.[1] ?? constant);
};
export const readSchedules = root => triggers(root, 'Timer');
export const readQueues = root => triggers(root, 'Queue');

export const readFunctions = root =>
  sources(path.join(root, 'src/Serverless.Functions')).flatMap(file => [...fs.readFileSync(file, 'utf8').matchAll(/\[Function\("(\w+)"\)\]/g)].map(([, name]) => name));
