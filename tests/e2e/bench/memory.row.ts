// What 200 photos that wait cost in memory: of the page's own process, as the system counts it (VmRSS), against none waiting.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './device.ts';
import { found } from './figures.ts';
import { Files, picture, sealed, sent, takenIn } from '../pages/many.ts';

const count = 200;
const originalBytes = 8_000_000;
const bound = 40;

test('200 photos of 8 MB waiting', async ({ field, phone, server }) => {
  const base = await picture(field.page, originalBytes, 4000, 3000);
  // A browser that has just started, each time: what it did before leaves traces in its memory.
  let now = await phone.restart();
  const none = await settled(now.page);

  const files = await Files.of(base, count);
  const taking = watch(now.page);
  const overview = await takenIn(now, files);
  const taken = await taking.most();
  await sealed(overview);
  now = await phone.restart();
  await expect(now.sync).not.toHaveAttribute('data-count', '0');
  const waiting = await settled(now.page);

  const sending = watch(now.page);
  await phone.context.setOffline(false);
  await sent(now);
  const most = await sending.most();
  expect(await files.missing(server.dataDir), 'originals that the server has not').toEqual([]);
  await files.remove();

  const figure = (what: string, mib: number) => ({
    what,
    ours: `${mib.toFixed(0)} MiB`,
    against: `nothing waiting: ${none.toFixed(0)} MiB`,
  });
  await found(
    {
      ...figure(`renderer RSS with ${count} photos of 8 MB waiting, after a start`, waiting),
      bound: `≤ + ${bound} MB`,
      holds: waiting - none <= (bound * 1e6) / 2 ** 20,
    },
    figure(`the same while their ${((count * originalBytes) / 1e9).toFixed(1)} GB are sent, most`, most),
    figure('the same while the files are taken in, most', taken),
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
