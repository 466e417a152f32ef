// What rows about sending have in common.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';

/** Runs in the app: whether everything has its receipt. */
export function nothingWaits(): boolean {
  return document.querySelector('[data-testid=sync-status]')?.getAttribute('data-count') === '0';
}

/** Seconds of processor that all processes of the page's browser have used. */
export async function browserCpu(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Seconds of processor that one process has used (proc(5), `stat`: in hundredths). */
export async function processCpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? NaN) + Number(fields[12] ?? NaN)) / 100;
}

/** The texts of all events on the device. */
export function events(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map((database) => database.name!);
    const name = names.find((name) => /^zhicha-[0-9a-f]/.test(name))!;
    const database = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
    });
    const rows = await new Promise<unknown[]>((done) => {
      const request = database.transaction('event').objectStore('event').getAll();
      request.onsuccess = () => done(request.result);
    });
    database.close();
    return rows.map((row) => JSON.stringify(row));
  });
}

/** Runs in the page of the floor: posts each text and `photos` pictures after it; returns how long that took. */
export async function post(photos: number): Promise<number> {
  const texts = (await (await fetch('/texts.json')).json()) as string[];
  const picture = new Uint8Array(await (await fetch('/picture.jpg')).arrayBuffer());
  const begun = performance.now();
  for (const text of texts) {
    await fetch('/', { method: 'POST', body: text });
    // The quickest way to send bytes in Chromium.
    for (let photo = 0; photo < photos; photo += 1) await fetch('/', { method: 'POST', body: new Blob([picture]) });
  }
  return performance.now() - begun;
}
