// The same over a phone's connection, where the bytes take longest: 20 Mbit/s up, 40 ms.
import type { Page } from '@playwright/test';
import { expect, seed, test } from './device.ts';
import { events, nothingWaits, post } from './drained.ts';
import { found } from './figures.ts';
import { peer } from './peers.ts';
import { picture } from '../pages/many.ts';

const inspections = 40;
const photos = 3;
const phone = { offline: false, latency: 40, downloadThroughput: 40e6 / 8, uploadThroughput: 20e6 / 8 };

test('draining over a phone', async ({ field, device, server }) => {
  const { page } = field;
  const image = await picture(page, 300_000, 1280, 960);
  await seed(page, server, { inspections, photos, picture: image });
  const texts = JSON.stringify(await events(page));
  const floorServer = await peer('floor.js', { 'picture.jpg': image, 'texts.json': texts });
  const other = await device.newPage();
  await other.goto(`${floorServer.url}/`);
  await slowly(other);
  const floor = await other.evaluate(post, photos);
  await floorServer.end();
  await other.close();

  await device.setOffline(true);
  await page.goto(server.url);
  await expect(field.sync).toHaveAttribute('data-count', String(inspections * (photos + 1)));
  await device.setOffline(false);
  const begun = Date.now();
  await slowly(page);
  await page.waitForFunction(nothingWaits, undefined, { timeout: 10 * 60_000, polling: 50 });
  const ours = Date.now() - begun;

  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  await found({
    what: `draining ${inspections} inspections and ${inspections * photos} photos of ${(image.length / 1000).toFixed(0)} KB at 20 Mbit/s and 40 ms`,
    ours: seconds(ours),
    against: `posting the same bytes one by one to an empty handler: ${seconds(floor)}`,
    ratio: floor / ours,
    bound: '≥ 0.9 of the floor\'s pace',
    holds: floor / ours >= 0.9,
  });
});

async function slowly(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', phone);
}
