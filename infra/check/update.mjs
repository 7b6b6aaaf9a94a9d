// Writes what the checks compare with.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { snapshotOf } from './project.mjs';
import { parameterTable, withParameterRows } from './readme.mjs';

export async function update(project) {
  const write = (name, text) => fs.writeFileSync(path.join(project.infra, name), text);
  for (const name of [...project.templates(), ...project.parameterFiles()]) write(name, await project.bicep.format(path.join(project.infra, name)));
  for (const name of project.parameterFiles()) write(snapshotOf(name), await project.snapshot(name));
  write('azuredeploy.json', `${(await project.compile('main.bicep')).contents.trimEnd()}\n`);
  write('README.md', withParameterRows(project.text('README.md'), await parameterTable(project)));
  const tables = execFileSync(process.execPath, [project.path('infra/costs.mjs')], { encoding: 'utf8' });
  fs.writeFileSync(project.path('docs/costs.md'), project.read('docs/costs.md').replace(/(<!-- costs\.mjs -->\n)[\s\S]*?(<!-- end -->)/, (_, head, tail) => head + tables + tail));
}
