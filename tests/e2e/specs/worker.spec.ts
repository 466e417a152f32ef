// The service worker over releases: whole or not at all, and never without consent.
import { test as base, expect } from '../fixtures/test.ts';
import { Bundle } from '../fixtures/bundle.ts';
import type { Page } from '@playwright/test';

const next = 'b'.repeat(16);

const test = base.extend<{ bundle: Bundle }>({
  bundle: async ({}, use) => {
    const bundle = await Bundle.serve();
    await use(bundle);
    await bundle.remove();
  },
});

/** Without an API behind it the app may complain; these tests look at the worker alone. */
test.beforeEach(({ watch }) => watch.allow(/404|Failed to load resource/));

function shownBuild(page: Page): Promise<string | null> {
  return page.locator('meta[name="build"]').getAttribute('content');
}

/** Opens the page and waits until its worker has everything and answers for it. */
async function openInstalled(page: Page, bundle: Bundle): Promise<void> {
  await page.goto(bundle.url);
  // The office lies in the field app's scope too: its own worker must answer, not just any.
  // (`waitForFunction` takes the promise of an async function for a yes.)
  const answersItself = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const { controller } = navigator.serviceWorker;
      return (
        registration?.scope === new URL('./', location.href).href &&
        registration.active?.state === 'activated' &&
        registration.active === controller
      );
    });
  await expect.poll(answersItself).toBe(true);
}

/** Looks for an update; tells whether one waits afterwards. */
function findUpdate(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const worker = registration.installing;
    if (worker) {
      await new Promise<void>((done) => {
        worker.addEventListener('statechange', () => done());
        if (worker.state !== 'installing') done();
      });
    }
    return registration.waiting !== null;
  });
}

test('a new release waits until a page asks for it', async ({ page, bundle }) => {
  await openInstalled(page, bundle);
  const first = await bundle.build();
  await bundle.release(next);

  expect(await findUpdate(page)).toBe(true);
  await page.reload();
  expect(await shownBuild(page)).toBe(first);

  await page.evaluate(async () => {
    const { waiting } = await navigator.serviceWorker.ready;
    const taken = new Promise((done) =>
      navigator.serviceWorker.addEventListener('controllerchange', done),
    );
    waiting!.postMessage({ type: 'activate' });
    await taken;
  });
  await page.reload();
  expect(await shownBuild(page)).toBe(next);
  expect(await page.evaluate(() => caches.keys())).toEqual([`zhicha / ${next}`]);
});

test('a release with one altered file is not installed', async ({ page, bundle }) => {
  await openInstalled(page, bundle);
  const first = await bundle.build();
  await bundle.release(next);
  await bundle.write('manifest.webmanifest', '{}');

  expect(await findUpdate(page)).toBe(false);
  await page.reload();
  expect(await shownBuild(page)).toBe(first);
  expect(await page.evaluate(() => caches.keys())).toEqual([`zhicha / ${first}`]);
});

test('field and office keep their own files and pages', async ({ page, bundle }) => {
  await openInstalled(page, bundle);
  await openInstalled(page, { ...bundle, url: `${bundle.url}/office/` } as Bundle);
  const build = await bundle.build();
  expect((await page.evaluate(() => caches.keys())).sort()).toEqual([
    `zhicha / ${build}`,
    `zhicha /office/ ${build}`,
  ]);
  await page.context().setOffline(true);
  await page.goto(`${bundle.url}/office/`);
  expect(await page.locator('meta[name="scope"]').getAttribute('content')).toBe('/office/');
  await page.goto(`${bundle.url}/`);
  expect(await page.locator('meta[name="scope"]').getAttribute('content')).toBe('/');
});

test('the API is never answered from a cache', async ({ page, bundle }) => {
  await openInstalled(page, bundle);
  const status = () => page.evaluate(async () => (await fetch('/api/v1/any')).status);
  expect(await status()).toBe(404);
  await page.context().setOffline(true);
  await expect(status()).rejects.toThrow();
});

test('the kill switch takes the files out and leaves the records', async ({ page, bundle }) => {
  await openInstalled(page, bundle);
  await page.evaluate(
    () =>
      new Promise((done) => {
        indexedDB.open('a-record').onsuccess = done;
      }),
  );
  await bundle.write('sw.js', await bundle.read('sw-kill.js'));
  await findUpdate(page);
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length))
    .toBe(0);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  const names = await page.evaluate(async () => (await indexedDB.databases()).map((d) => d.name));
  expect(names).toContain('a-record');
});
