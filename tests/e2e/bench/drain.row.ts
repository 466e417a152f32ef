// Everything of a long day is sent at once: 500 inspections with 1,500 photos of 300 KB, against posting as many bytes one
// by one to a handler that does nothing, and against PouchDB with its own server.
import { cpus } from 'node:os';
import { expect, seed, test } from './device.ts';
import { found } from './figures.ts';
import { picture } from '../pages/many.ts';
import { browserCpu, drain, drainFigures, events, fill, post, processCpu, replicate } from './drained.ts';
import { peer } from './peers.ts';

const inspections = 500;
const photos = 3;
const photoBytes = 300_000;

test('draining a long day', async ({ field, device, server }) => {
  const { page } = field;
  const image = await picture(page, photoBytes, 1280, 960);
  await seed(page, server, { inspections, photos, picture: image });
  const texts = JSON.stringify(await events(page));
  const files = { 'picture.jpg': image, 'texts.json': texts };
  const other = await device.newPage();

  const floorServer = await peer('floor.js', files);
  await other.goto(`${floorServer.url}/`);
  const idle = await browserCpu(other);
  const floor = await other.evaluate(post, photos);
  const floorCpu = (await browserCpu(other)) - idle;
  await other.evaluate(keep, photos);
  const bare = await other.evaluate(postKept);
  await floorServer.end();

  const pouch = await peer('pouch.js', files);
  await other.goto(`${pouch.url}/page/`);
  await other.evaluate(fill, photos);
  const replicated = await other.evaluate(replicate, `${pouch.url}/db/bench`);
  expect(replicated.docs).toBe(inspections);
  await pouch.end();
  await other.close();

  let [browserBefore, serverBefore] = [0, 0];
  const ours = await drain(field, server.url, inspections * (photos + 1), async () => {
    [browserBefore, serverBefore] = [await browserCpu(page), await processCpu(server.pid)];
  });
  const browser = (await browserCpu(page)) - browserBefore;
  const work = (await processCpu(server.pid)) - serverBefore;

  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const what = `draining ${inspections} inspections and ${inspections * photos} photos of ${(image.length / 1000).toFixed(0)} KB`;
  await found(
    ...drainFigures(what, { ours, floor, peer: replicated.ms }, seconds),
    {
      what: 'what a bare page can do here: as many bytes from IndexedDB, three at a time, to a handler that hashes and syncs them; nothing checked or written back',
      ours: seconds(bare),
      against: `posting the same bytes one by one to an empty handler: ${seconds(floor)}`,
      ratio: floor / bare,
    },
    {
      what: `the same as the first, seconds of processor of ${cpus().length} cores`,
      ours: `browser ${browser.toFixed(1)}, server ${work.toFixed(1)}`,
      against: `posting to the empty handler: browser ${floorCpu.toFixed(1)}`,
    },
  );
});

// Runs in the page of the floor: puts what it posts into a database of its own, as we keep it.
async function keep(photos: number): Promise<void> {
  const texts = (await (await fetch('/texts.json')).json()) as string[];
  const picture = new Uint8Array(await (await fetch('/picture.jpg')).arrayBuffer());
  const database = await new Promise<IDBDatabase>((done) => {
    const request = indexedDB.open('bare');
    request.onupgradeneeded = () => request.result.createObjectStore('bytes');
    request.onsuccess = () => done(request.result);
  });
  Object.assign(window, { database });
  for (const [n, text] of texts.entries()) {
    const transaction = database.transaction('bytes', 'readwrite', { durability: 'strict' });
    const bytes = transaction.objectStore('bytes');
    bytes.put(text, [n, 0]);
    for (let photo = 1; photo <= photos; photo += 1) {
      const own = picture.slice();
      // No two are the same: the handler names files by their content.
      new DataView(own.buffer).setUint32(own.length - 8, n * photos + photo);
      bytes.put(own, [n, photo]);
    }
    await new Promise((done) => (transaction.oncomplete = done));
  }
}

// Runs in the page of the floor: posts what is in that database; returns how long that took.
async function postKept(): Promise<number> {
  const { database } = window as unknown as { database: IDBDatabase };
  const read = <T>(ask: (bytes: IDBObjectStore) => IDBRequest<T>) =>
    new Promise<T>((done) => {
      const request = ask(database.transaction('bytes').objectStore('bytes'));
      request.onsuccess = () => done(request.result);
    });
  const begun = performance.now();
  const keys = await read((bytes) => bytes.getAllKeys());
  const lane = async () => {
    for (let key = keys.shift(); key; key = keys.shift()) {
      const own = (await read((bytes) => bytes.get(key!))) as BlobPart;
      await (await fetch('/durable', { method: 'POST', body: new Blob([own]) })).text();
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  return performance.now() - begun;
}
