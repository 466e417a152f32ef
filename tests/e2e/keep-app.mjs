// Keeps the built field app as one file, as small as it goes:
//   node keep-app.mjs DIST FILE
// The file is brotli over a line of JSON ([path, bytes] of each file) and the files one after the other. What was kept for a tag
// stays as it is.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [dist, file] = process.argv.slice(2);
if (!file) throw new Error('node keep-app.mjs DIST FILE');
const [, tag] = /(wire-\d+)/.exec(file) ?? [];
if (tag && execFileSync('git', ['tag', '--list', tag], { encoding: 'utf8' }).trim()) {
  throw new Error(`${tag} is set: what was kept for it stays as it is`);
}

// The same files compressed, the office, and the worker that ends all workers.
const needless = /\.(br|gz|map)$|^office\/|^sw-kill\.js$/;
const paths = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(dist, '/').length))
  .filter((path) => !needless.test(path))
  .sort();
const files = paths.map((path) => readFileSync(join(dist, path)));
const list = JSON.stringify(paths.map((path, at) => [path, files[at].length]));
const whole = Buffer.concat([Buffer.from(`${list}\n`), ...files]);
const packed = brotliCompressSync(whole, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
  },
});
writeFileSync(file, packed);
console.log(`${file}: ${paths.length} files, ${whole.length} bytes, kept in ${packed.length}`);
