// Makes the pages of `forms/` as they would be released: bundled, minified, each with its service worker.
//   node build.js <folder to write to>
// Each folder gets a `files.json`: what a first visit loads.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const out = process.argv[2];
await rm(out, { recursive: true, force: true });

for (const name of ['floor', 'survey', 'odk']) {
  const folder = join(out, name);
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`forms/${name}.ts`],
    outdir: folder,
    entryNames: 'app',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'chrome109',
    minify: true,
    metafile: true,
    legalComments: 'none',
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
  });
  const loaded = new Set();
  const load = (path) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const { imports, cssBundle } = metafile.outputs[path];
    for (const { kind, path: next } of imports) if (kind === 'import-statement') load(next);
    if (cssBundle) load(cssBundle);
  };
  load(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === `forms/${name}.ts`));
  const files = [...loaded].map((path) => basename(path));
  const style = files.filter((file) => file.endsWith('.css')).map((file) => `<link rel="stylesheet" href="${file}">`);
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}</title>${style.join('')}<script type="module" src="app.js"></script><main id="form"><ol></ol></main><script>navigator.serviceWorker.register('sw.js')</script></html>`,
  );
  const worker = await readFile(join(import.meta.dirname, 'forms/sw.js'), 'utf8');
  await writeFile(join(folder, 'sw.js'), worker.replace('/*{{files}}*/ []', JSON.stringify(['./', ...files])));
  await writeFile(join(folder, 'files.json'), JSON.stringify(['index.html', 'sw.js', ...files]));
}
