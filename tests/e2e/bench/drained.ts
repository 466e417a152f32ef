// What rows about sending have in common.
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { Field } from '../pages/field.ts';
import type { Figure } from './figures.ts';

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

/** How a drain stands against the floor and against the peer, by the bounds of both; times are in milliseconds. */
export function drainFigures(
  what: string,
  ms: { ours: number; floor: number; peer: number },
  seconds: (ms: number) => string,
): Figure[] {
  const ours = seconds(ms.ours);
  const [pace, lead] = [ms.floor / ms.ours, ms.peer / ms.ours];
  return [
    {
      what,
      ours,
      against: `posting the same bytes one by one to an empty handler: ${seconds(ms.floor)}`,
      ratio: pace,
      bound: '≥ 0.9 of the floor\'s pace',
      holds: pace >= 0.9,
    },
    {
      what,
      ours,
      against: `PouchDB to express-pouchdb: ${seconds(ms.peer)}`,
      ratio: lead,
      bound: '≥ 3 × its pace',
      holds: lead >= 3,
    },
  ];
}

/** How long the app takes to send what waits on it, in milliseconds. It starts without a network and has settled before it gets one. */
export async function drain(field: Field, url: string, waiting: number, begin: () => Promise<void> = async () => {}): Promise<number> {
  const { page } = field;
  await page.context().setOffline(true);
  await page.goto(url);
  await expect(field.sync).toHaveAttribute('data-count', String(waiting), { timeout: 60_000 });
  await begin();
  const begun = Date.now();
  await page.context().setOffline(false);
  await page.waitForFunction(nothingWaits, undefined, { timeout: 20 * 60_000, polling: 50 });
  return Date.now() - begun;
}

/** Runs in the page of the peer: fills its database on this device. */
export async function fill(photos: number): Promise<void> {
  const texts = (await (await fetch('/files/texts.json')).json()) as string[];
  const picture = new Uint8Array(await (await fetch('/files/picture.jpg')).arrayBuffer());
  const { PouchDB } = window as unknown as { PouchDB: new (name: string) => Pouch };
  const database = new PouchDB('bench');
  for (const [n, text] of texts.entries()) {
    const attachments: Record<string, object> = {};
    for (let photo = 0; photo < photos; photo += 1) {
      const bytes = picture.slice();
      // No two are the same: it keeps what is the same once.
      new DataView(bytes.buffer).setUint32(bytes.length - 8, n * photos + photo);
      attachments[`${photo}.jpg`] = { content_type: 'image/jpeg', data: new Blob([bytes], { type: 'image/jpeg' }) };
    }
    await database.put({ _id: String(n).padStart(6, '0'), text, _attachments: attachments });
  }
}

/** Runs in the page of the peer: sends all that is in it; how long that took. */
export async function replicate(remote: string): Promise<{ ms: number; docs: number }> {
  const { PouchDB } = window as unknown as { PouchDB: new (name: string) => Pouch };
  const database = new PouchDB('bench');
  const begun = performance.now();
  const result = await database.replicate.to(remote);
  return { ms: performance.now() - begun, docs: result.docs_written };
}

interface Pouch {
  put(document: object): Promise<unknown>;
  replicate: { to(remote: string): Promise<{ docs_written: number }> };
}
