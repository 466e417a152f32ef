// What 200 photos that wait cost in memory: of the page's own process, as the system counts it (VmRSS), against none waiting.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, picture, test, variant } from './device.ts';
import { found } from './figures.ts';
import { Photos } from '../pages/photos.ts';

const count = 200;
const originalBytes = 8_000_000;
const bound = 40;

test('200 photos of 8 MB waiting', async ({ field, device, server }) => {
  const { page } = field;
  const base = await picture(page, originalBytes, 4000, 3000);
  await device.setOffline(true);
  await page.goto(server.url);
  await expect(page.getByRole('link', { name: '开始检查' })).toBeVisible();
  const none = await settled(page);

  const folder = await mkdtemp(join(tmpdir(), 'zhicha-photos-'));
  const hashes = new Set<string>();
  const files: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const bytes = variant(base, n);
    hashes.add(createHash('sha256').update(bytes).digest('hex'));
    files.push(join(folder, `${n}.jpg`));
    await writeFile(files[n]!, bytes);
  }
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const overview = await check.overview();
  const section = page.locator('section', { has: page.getByRole('heading', { name: '还没归到检查项的照片' }) }).first();
  const photos = new Photos(page, section);
  const taking = watch(page);
  await section.getByLabel('附件').setInputFiles(files);
  await expect(photos.tiles).toHaveCount(count, { timeout: 60_000 });
  await expect(section.locator('li.photo img')).toHaveCount(count, { timeout: 20 * 60_000 });
  await check.saved();
  const taken = await taking.most();
  await rm(folder, { recursive: true });

  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  await overview.seal();
  await page.goto(server.url);
  await expect(field.sync).not.toHaveAttribute('data-count', '0');
  const waiting = await settled(page);

  const sending = watch(page);
  await device.setOffline(false);
  await expect(field.sync).toHaveAttribute('data-count', '0', { timeout: 20 * 60_000 });
  const sent = await sending.most();
  expect(await missing(server.dataDir, hashes), 'originals that are not at the server, byte for byte').toEqual([]);

  const figure = (what: string, mib: number) => ({
    what,
    ours: `${mib.toFixed(0)} MiB`,
    against: `nothing waiting: ${none.toFixed(0)} MiB`,
    bound: `≤ + ${bound} MB`,
    holds: mib - none <= (bound * 1e6) / 2 ** 20,
  });
  await found(
    figure(`renderer RSS with ${count} photos of 8 MB waiting, after a start`, waiting),
    figure(`the same while they are sent, most`, sent),
    { what: `the same while ${count} files are taken in, most`, ours: `${taken.toFixed(0)} MiB`, against: `nothing waiting: ${none.toFixed(0)} MiB` },
  );
});

/** MiB of the page's own process: of all renderers the one with most. */
async function rss(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter((process) => process.type === 'renderer');
  const sizes = renderers.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  });
  return Math.max(...(await Promise.all(sizes)));
}

/** The least of some looks, once what is not used has been collected. */
async function settled(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const looks: number[] = [];
  for (let look = 0; look < 5; look += 1) {
    await session.send('HeapProfiler.collectGarbage');
    await page.waitForTimeout(1_000);
    looks.push(await rss(page));
  }
  await session.detach();
  return Math.min(...looks);
}

/** Looks again and again until it is asked for the most. */
function watch(page: Page): { most(): Promise<number> } {
  let on = true;
  const looking = (async () => {
    let most = 0;
    while (on) {
      most = Math.max(most, await rss(page));
      await page.waitForTimeout(200);
    }
    return most;
  })();
  return {
    most: () => {
      on = false;
      return looking;
    },
  };
}

// Of these digests, those that no file of the server has.
async function missing(dataDir: string, hashes: Set<string>): Promise<string[]> {
  const left = new Set(hashes);
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !left.has(entry.name)) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (createHash('sha256').update(bytes).digest('hex') === entry.name) left.delete(entry.name);
  }
  return [...left];
}
