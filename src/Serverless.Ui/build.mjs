// Makes the page: what is committed becomes files whose names change with their content, each also compressed, ready to be embedded. The same sources give the same bytes.
//
//   node build.mjs [FOLDER]     FOLDER/page has the files, FOLDER/page.files lists them, FOLDER/page.made says of which sources they were made; obj without
//
// Several builds may run at once, such as those of several projects: one makes the page, and the others wait and find it made. The network is needed for `npm ci` only,
// which runs when package-lock.json is another one than that of node_modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// All files together, as they are sent, in bytes.
const most = 60 * 1024;
const patience = 10 * 60 * 1000;

const root = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(root, process.argv[2] ?? 'obj');
const [page, list, stamp] = ['page', 'page.files', 'page.made'].map(name => path.join(folder, name));

const filesBelow = parent =>
  fs
    .readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(parent, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file))).update('\0');
  return hash.digest('hex');
}

const sources = ['build.mjs', 'index.html', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', ...filesBelow(path.join(root, 'src')).map(f => `src/${f}`)];

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

// A build that died leaves its lock behind, with a process in it that is no more.
function isDead(lock) {
  const owner = Number(read(lock));
  if (!owner) return fs.existsSync(lock) && Date.now() - fs.statSync(lock).mtimeMs > 10_000;
  try {
    process.kill(owner, 0);
    return false;
  } catch (e) {
    return e.code === 'ESRCH';
  }
}

async function locked(action) {
  const lock = path.join(root, 'obj', 'page.lock');
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  for (const end = Date.now() + patience; ; await sleep(200)) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (e) {
      if (e.code !== 'EEXIST') throw e;
      if (isDead(lock)) fs.rmSync(lock, { force: true });
      else if (Date.now() > end) throw new Error(`another build has held ${lock} for ${patience / 60_000} minutes`);
    }
  }
  try {
    return await action();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function run(command, ...args) {
  // Of npm there is only a script on Windows.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} ${error ? `cannot run: ${error.message}` : `ended with ${status}`}`);
}

function install() {
  const [lock, installed] = [hashOf(['package-lock.json']), path.join(root, 'node_modules', '.made-of')];
  if (read(installed) === lock) return;
  run('npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error');
  fs.writeFileSync(installed, lock);
}

function compress(target) {
  let sum = 0;
  for (const file of filesBelow(target)) {
    const bytes = fs.readFileSync(path.join(target, file));
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
    fs.writeFileSync(path.join(target, `${file}.br`), brotli);
    const gzip = gzipSync(bytes, { level: 9 });
    fs.writeFileSync(path.join(target, `${file}.gz`), gzip);
    sum += gzip.length;
  }
  return sum;
}

async function make() {
  const made = hashOf(sources);
  if (read(stamp) === made && fs.existsSync(list)) {
    // Newer than sources that were touched and not changed.
    fs.utimesSync(stamp, new Date(), new Date());
    return;
  }
  install();
  run(process.execPath, path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit');
  fs.mkdirSync(folder, { recursive: true });
  const work = fs.mkdtempSync(path.join(folder, 'page-'));
  try {
    const { build } = await import('vite');
    await build({ root, logLevel: 'warn', build: { outDir: work } });
    const size = compress(work);
    if (size > most) throw new Error(`the page has ${size} bytes compressed, and may have ${most}`);
    console.log(`The page has ${size} bytes compressed by gzip.`);
    for (const file of [stamp, list]) fs.rmSync(file, { force: true });
    fs.rmSync(page, { recursive: true, force: true });
    fs.renameSync(work, page);
    fs.writeFileSync(list, filesBelow(page).join('\n') + '\n');
    fs.writeFileSync(stamp, made);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

await locked(make);
