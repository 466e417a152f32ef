// 500 inspections without photos are sent at once, against posting as many bytes one by one to a handler that does nothing,
// and against PouchDB with its own server.
import { expect, seed, test } from './device.ts';
import { drain, drainFigures, events, fill, post, replicate } from './drained.ts';
import { found } from './figures.ts';
import { peer } from './peers.ts';

const inspections = 500;

test('draining texts', async ({ field, device, server }) => {
  const { page } = field;
  await seed(page, server, { inspections, photos: 0 });
  const texts = JSON.stringify(await events(page));
  const files = { 'picture.jpg': '', 'texts.json': texts };
  const other = await device.newPage();
  const floorServer = await peer('floor.js', files);
  await other.goto(`${floorServer.url}/`);
  const floor = await other.evaluate(post, 0);
  await floorServer.end();

  const pouch = await peer('pouch.js', files);
  await other.goto(`${pouch.url}/page/`);
  await other.evaluate(fill, 0);
  const replicated = await other.evaluate(replicate, `${pouch.url}/db/bench`);
  expect(replicated.docs).toBe(inspections);
  await pouch.end();
  await other.close();

  const ours = await drain(field, server.url, inspections);

  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const what = `draining ${inspections} inspections without photos, ${(texts.length / 1e6).toFixed(1)} MB`;
  await found(...drainFigures(what, { ours, floor, peer: replicated.ms }, seconds));
});
