// main.mjs COMPILER [--self-test | --no-self-test | --update]; see check.sh.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bicep } from './bicep.mjs';
import { Project } from './project.mjs';
import { check } from './rules.mjs';
import { selfTest } from './self-test.mjs';
import { update } from './update.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [compiler, mode] = process.argv.slice(2);

let passed = 0, failed = 0;
const report = (name, problems) => {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? 'ok' : 'FAIL'} ${name}`);
  for (const problem of problems) console.log(`    ${problem}`);
};

const bicep = new Bicep(compiler);
try {
  const project = new Project(root, bicep);
  if (mode === '--update') await update(project);
  if (mode !== '--self-test') for await (const [name, problems] of check(project)) report(name, problems);
  if (mode !== '--no-self-test' && mode !== '--update') for await (const [name, problems] of selfTest(project)) report(name, problems);
} catch (error) {
  report('the checks come to their end', [error.stack]);
} finally {
  bicep.end();
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
