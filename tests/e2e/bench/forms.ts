// The same items in ours, in the floor and in the peers, each behind its own service worker: what rows about forms share.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { items } from '../../bench/forms/content.ts';
import { Server } from '../fixtures/server.ts';
import { test as base } from './device.ts';
import { type Peer, forms } from './peers.ts';

export { expect } from './device.ts';

/** Who is measured. */
export type Kind = 'ours' | 'floor' | 'SurveyJS' | 'ODK Web Forms';

/** The first answer of any form. */
export const first = 'input[type=radio]';

const sizes = [40, 50, 500, 1000];

interface Fixtures {
  /** Serves the floor and the peers. */
  peers: Peer;
  /** The address of each form, by who and how many items; all can be opened without a network. */
  address: (kind: Kind, count: number) => string;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await filled(0, sizes);
    await use(server);
    await server.remove();
  },
  peers: async ({}, use) => {
    const peers = await forms();
    await use(peers);
    await peers.end();
  },
  address: async ({ field, device, peers }, use) => {
    const ours = new Map<number, string>();
    for (const count of sizes) {
      const check = await field.start({ site: '示例便利店05', checklists: [title(count)] });
      await check.saved();
      ours.set(count, field.page.url());
    }
    const paths = { floor: 'floor', SurveyJS: 'survey', 'ODK Web Forms': 'odk' };
    for (const path of Object.values(paths)) {
      const page = await device.newPage();
      await page.goto(`${peers.url}/${path}/?items=1`);
      await page.waitForFunction(() => navigator.serviceWorker.controller);
      // What the worker has cached is compiled and kept by the browser at its next use.
      await page.reload();
      await page.waitForFunction(ready);
      await page.close();
    }
    await device.setOffline(true);
    await field.page.goto('about:blank');
    await use((kind, count) => (kind === 'ours' ? ours.get(count)! : `${peers.url}/${paths[kind]}/?items=${count}`));
  },
});

/** A server with the invented district, so many more sites, and checklists of so many items. */
export async function filled(sites: number, counts: number[]): Promise<Server> {
  const empty = await Server.start({ demo: true });
  await empty.stop();
  const folder = await mkdtemp(join(tmpdir(), 'zhicha-lists-'));
  const files = counts.map((count) => join(folder, `${count}.json`));
  for (const [n, count] of counts.entries()) await writeFile(files[n]!, JSON.stringify(checklist(count)));
  execFileSync(process.env['ZHICHA_LOAD']!, ['fill', empty.dataDir, '--sites', String(sites), ...files]);
  await rm(folder, { recursive: true });
  return Server.start({ demo: true, dataDir: empty.dataDir });
}

/** The title of the checklist of so many items. */
function title(count: number): string {
  return `虚构检查表（${count} 项）`;
}

function checklist(count: number): object {
  const text = (zh: string) => ({ zh, en: zh });
  return {
    id: `bench-${count}`,
    version: 1,
    title: text(title(count)),
    summary: text('虚构，只用于测量。'),
    status_date: '2026-01-01',
    documents: {},
    sections: [
      {
        id: 'all',
        title: text('全部'),
        items: items(count).map((item) => ({
          id: item.id,
          source: item.code,
          text: text(item.text),
          answer: { kind: 'check' },
          severity: 'general',
        })),
      },
    ],
  };
}

/** Runs in a page: whether its first item is there. */
export function ready(): boolean {
  return document.querySelector('input[type=radio]') !== null;
}
