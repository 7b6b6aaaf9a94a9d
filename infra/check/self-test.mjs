// Breaks a copy of the project in one place at a time and expects the check that it is for to say so.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Project } from './project.mjs';
import { CHECKS } from './rules.mjs';
import { BREAKS } from './breaks.mjs';

export async function* selfTest(project) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'infra-check.'));
  try {
    for (const name of ['infra', 'docs', 'azure.yaml', 'Directory.Build.props', '.github', 'src/Serverless.Functions', 'src/Serverless.Web/Events', 'src/Serverless.Web/Maintenance', 'src/Serverless.Web/Settings', 'src/Serverless.Web/Telemetry']) {
      fs.cpSync(project.path(name), path.join(copy, name), { recursive: true, filter: source => !/\/(bin|obj)$/.test(source) });
    }
    for (const [what, check, file, from, to, expected, names] of BREAKS) {
      const target = path.join(copy, file);
      const good = fs.readFileSync(target, 'utf8');
      const bad = good.replace(from, to);
      fs.writeFileSync(target, bad);
      const found = bad === good ? [] : await CHECKS[check](new Project(copy, project.bicep), names).catch(error => [error.message]);
      fs.writeFileSync(target, good);
      yield [`broken: ${what}`, bad === good ? ['nothing was replaced'] : found.some(problem => expected.test(problem)) ? [] : ['it was not noticed', ...found.slice(0, 10)]];
    }
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
}
