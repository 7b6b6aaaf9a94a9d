// main.mjs PARSER-FOLDER [--self-test | --no-self-test]; see check.sh.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadParser } from './parser.mjs';
import { check } from './rules.mjs';
import { selfTest } from './self-test.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [parserFolder, mode] = process.argv.slice(2);
await loadParser(parserFolder);

let passed = 0, failed = 0;
const report = (name, problems) => {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? 'ok' : 'FAIL'} ${name}`);
  for (const problem of problems) console.log(`    ${problem}`);
};

if (mode !== '--self-test') for (const [name, problems] of check(root)) report(name, problems);
if (mode !== '--no-self-test') for (const [name, problems] of selfTest(root)) report(name, problems);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
