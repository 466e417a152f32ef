// Servers that ours is compared with, each a process of its own (`tests/bench`).
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const scripts = join(import.meta.dirname, '../../bench');

/** A running peer. */
export interface Peer {
  url: string;
  end(): Promise<void>;
}

/** Starts `floor.js` or `pouch.js` with these files to serve. */
export async function peer(script: 'floor.js' | 'pouch.js', files: Record<string, Buffer | string>): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'zhicha-peer-'));
  const [data, served] = [join(folder, 'data'), join(folder, 'files')];
  for (const made of [data, served]) await mkdir(made);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(served, name), bytes);
  const args = script === 'pouch.js' ? [data, served] : [served, data];
  return start(script, args, () => rm(folder, { recursive: true, force: true }));
}

/** Serves the forms that `tests/bench/build.js` made. */
export function forms(): Promise<Peer> {
  return start('forms.js', [process.env['ZHICHA_FORMS']!], async () => {});
}

async function start(script: string, args: string[], after: () => Promise<void>): Promise<Peer> {
  const child = spawn(process.execPath, [join(scripts, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`${script} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /listening on (\S+)/.exec(line);
      if (match) done(match[1]!);
    });
  });
  return {
    url,
    end: async () => {
      child.removeAllListeners('exit');
      const ended = new Promise((done) => child.once('exit', done));
      child.kill();
      await ended;
      await after();
    },
  };
}
