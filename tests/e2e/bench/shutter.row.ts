// From the tap on the shutter until the photo is on the disk, against the same camera's frame drawn, encoded and
// put into a database by a few lines of script.
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
  const bare = await page.evaluate(barely, shots);
  await found({
    what: `shutter → saved (${shots} shots, p50; p95 ${quantile(times, 0.95).toFixed(0)} ms)`,
    ours: `${median(times).toFixed(0)} ms`,
    against: `frame → JPEG → strict put, nothing else: ${median(bare).toFixed(0)} ms`,
    ratio: median(times) / median(bare),
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

// Runs in the page, while the camera is open: the least that keeps a photo.
async function barely(times: number): Promise<number[]> {
  const database = await new Promise<IDBDatabase>((done) => {
    const request = indexedDB.open('bench-bare', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('bytes');
    request.onsuccess = () => done(request.result);
  });
  const video = document.querySelector('video')!;
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const begun = performance.now();
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext('2d')!.drawImage(video, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
    const bytes = await blob.arrayBuffer();
    await new Promise<void>((done) => {
      const transaction = database.transaction('bytes', 'readwrite', { durability: 'strict' });
      transaction.objectStore('bytes').put(bytes, n);
      transaction.oncomplete = () => done();
    });
    found.push(performance.now() - begun);
    // As between two taps.
    await new Promise((next) => setTimeout(next, 100));
  }
  database.close();
  return found;
}
