// From the tap on the shutter until the photo is on the disk, against a bare strict put of as many bytes.
import type { Page } from '@playwright/test';
import { expect, test } from './device.ts';
import { found, median, quantile } from './figures.ts';
import { failed } from '../pages/photos.ts';

const shots = 30;

test('shutter to saved', async ({ field, device }) => {
  const { page } = field;
  await device.grantPermissions(['camera']);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const photos = await failed(check);
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  const shutter = photos.camera.getByRole('button', { name: '按下快门' });
  const times: number[] = [];
  for (let shot = 0; shot < shots; shot += 1) {
    await expect(shutter).toBeEnabled();
    times.push(await shutter.evaluate(untilSaved, shot + 1));
    // The next one does not wait for this one's copies.
    await photos.drawn(shot + 1);
  }
  const bytes = await originals(page);
  const bare = await page.evaluate(strictPuts, { bytes: median(bytes), times: shots });
  const ratio = median(times) / median(bare);
  await found({
    what: `shutter → saved (${shots} shots of ${(median(bytes) / 1000).toFixed(0)} KB, p50; p95 ${quantile(times, 0.95).toFixed(0)} ms)`,
    ours: `${median(times).toFixed(0)} ms`,
    against: `bare strict put of the same size: ${median(bare).toFixed(0)} ms`,
    ratio,
  });
});

// Runs in the page: a tap, and the time until the n-th photo says that it is saved.
function untilSaved(shutter: Element, n: number): Promise<number> {
  return new Promise((done) => {
    const is = () => document.querySelectorAll('li.photo[data-state=saved]').length >= n;
    const observer = new MutationObserver(() => {
      if (!is()) return;
      observer.disconnect();
      done(performance.now() - begun);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
    const begun = performance.now();
    (shutter as HTMLElement).click();
  });
}

// Sizes of the originals in the app's database.
function originals(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map((database) => database.name!);
    const name = names.find((name) => /^zhicha-[0-9a-f]/.test(name))!;
    const database = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
    });
    const rows = await new Promise<unknown[]>((done) => {
      const request = database.transaction('evidence').objectStore('evidence').getAll();
      request.onsuccess = () => done(request.result);
    });
    database.close();
    const text = JSON.stringify(rows).replaceAll('\\', '');
    return [...text.matchAll(/"role":"original"[^}]*?"len":(\d+)/g)].map((match) => Number(match[1]));
  });
}

// Runs in the page: times of puts of random bytes, each in a strict transaction, in a database of its own.
async function strictPuts({ bytes, times }: { bytes: number; times: number }): Promise<number[]> {
  const database = await new Promise<IDBDatabase>((done) => {
    const request = indexedDB.open('bench-bare', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('bytes');
    request.onsuccess = () => done(request.result);
  });
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const value = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(value.subarray(at, Math.min(at + 65_536, bytes)));
    const begun = performance.now();
    await new Promise<void>((done) => {
      const transaction = database.transaction('bytes', 'readwrite', { durability: 'strict' });
      transaction.objectStore('bytes').put(value, n);
      transaction.oncomplete = () => done();
    });
    found.push(performance.now() - begun);
  }
  database.close();
  return found;
}
