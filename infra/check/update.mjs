// Writes what the checks compare with.
import fs from 'node:fs';
import path from 'node:path';
import { snapshotOf } from './project.mjs';
import { parameterTable, withParameterRows } from './readme.mjs';

export async function update(project) {
  const write = (name, text) => fs.writeFileSync(path.join(project.infra, name), text);
  for (const name of [...project.templates(), ...project.parameterFiles()]) write(name, await project.bicep.format(path.join(project.infra, name)));
  for (const name of project.parameterFiles()) write(snapshotOf(name), await project.snapshot(name));
  write('README.md', withParameterRows(project.text('README.md'), await parameterTable(project)));
}
