// The browser loses its database: what was sealed and not delivered comes back from the copy beside it, and what does not
// come back is said.
import type { Page } from '@playwright/test';
import { withoutCopies } from '../fixtures/copies.ts';
import { test, expect } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Check } from '../pages/check.ts';
import { Field, type Visit } from '../pages/field.ts';

test.use({ demo: true });

const visit: Visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };

/** Seals an inspection of which nothing was checked; returns its record. */
async function sealed(field: Field, visit: Visit): Promise<string> {
  await field.start(visit);
  const overview = await new Check(field.page).overview();
  await overview.checkedInPart('停电，改天再查（虚构）');
  await overview.fillPeople();
  return overview.seal();
}

/** 我的 says that everything unsent is in the copy. */
async function copied(field: Field): Promise<void> {
  await field.page.goto('/me');
  await expect(field.page.getByText('有，浏览器弄丢资料也能找回')).toBeVisible();
}

/** The database of the person who is enrolled here. */
async function database(page: Page): Promise<string> {
  const names = await page.evaluate(async () => (await indexedDB.databases()).map((found) => found.name));
  return names.find((name) => /^zhicha-.*-.*/.test(name ?? ''))!;
}

/** What a browser does that finds its files damaged. */
async function loseDatabase(page: Page): Promise<void> {
  await page.evaluate(
    (name) =>
      new Promise<void>((done, fail) => {
        const deleting = indexedDB.deleteDatabase(name);
        deleting.onsuccess = () => done();
        deleting.onerror = () => fail(deleting.error);
      }),
    await database(page),
  );
}

/** The lines of the copy. */
function copyOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const folder = (await navigator.storage.getDirectory()) as unknown as AsyncIterable<[string, FileSystemFileHandle]>;
    for await (const [name, handle] of folder) {
      if (/^zhicha\.unsent\.[^.]+\.[^.]+$/.test(name)) return (await handle.getFile()).text();
    }
    return 'no file';
  });
}

test('a record that was sealed without a network outlives its database and is delivered', async ({
  page,
  context,
  server,
  watch,
}) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  const record = await sealed(field, visit);
  await copied(field);
  await loseDatabase(page);

  await page.goto('/');
  await expect(page.getByRole('heading', { name: '记录找回来了' })).toBeVisible();
  await expect(page.getByText('2 条没送出的记录（第 1–2 条）')).toBeVisible();
  await page.getByRole('button', { name: '知道了' }).click();
  await expect(page.getByRole('heading', { name: '这台设备的密钥没有了' })).toBeVisible();
  await expect(field.sync).toHaveAttribute('data-count', '3');
  await page.goto(`/records/${record}`);
  await expect(page.getByText('已封存，只能更正').first()).toBeVisible();

  await context.setOffline(false);
  await field.delivered();
  const truth = await Truth.of(server);
  await truth.holdsExactly(2);
  await truth.close();
  await copied(field);
  expect(await copyOf(page)).toBe('');

  // One tap, and the device inspects again; what it wrote before stays readable.
  await page.goto('/');
  await page.getByRole('link', { name: '重新登记这台设备' }).click();
  await page.getByRole('button', { name: '重新登记' }).click();
  await expect(page.getByRole('link', { name: '开始检查' })).toBeVisible();
  await expect(page.getByRole('heading', { name: '这台设备的密钥没有了' })).toBeHidden();
  await page.goto(`/records/${record}`);
  await expect(page.getByText('已封存，只能更正').first()).toBeVisible();
  await field.start({ ...visit, site: '示例公寓07' });
  await field.sent();
});

test('events that vanish from a database are put back in their places', async ({ page, context, server, watch }) => {
  test.setTimeout(90_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  await sealed(field, visit);
  await copied(field);
  await page.evaluate(async (name) => {
    const db = await new Promise<IDBDatabase>((done) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => done(opening.result);
    });
    const tx = db.transaction('event', 'readwrite');
    tx.objectStore('event').clear();
    await new Promise((done) => (tx.oncomplete = done));
    db.close();
  }, await database(page));

  await page.goto('/');
  await expect(page.getByRole('heading', { name: '记录找回来了' })).toBeVisible();
  await expect(page.getByText('没封存的草稿')).toBeHidden();
  await page.getByRole('button', { name: '知道了' }).click();
  await expect(field.sync).toHaveAttribute('data-count', '3');
  // The key is still here, and the chain goes on.
  await sealed(field, { ...visit, site: '示例公寓07' });
  await context.setOffline(false);
  await field.delivered();
  const truth = await Truth.of(server);
  await truth.holdsExactly(4);
  await truth.close();
});

test('without a copy the lost numbers are named', async ({ page, context, server, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  await field.start(visit);
  await page.goto('/');
  await copied(field);
  await loseDatabase(page);
  await withoutCopies(page);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '这台设备丢了记录' })).toBeVisible();
  await expect(page.getByText(/第 1–1 条/)).toBeVisible();
});

test('a browser that can keep no copy works on and says so', async ({ page, server }) => {
  await page.addInitScript(() => {
    (window as unknown as { Worker: unknown }).Worker = class {
      constructor() {
        throw new DOMException('planted', 'SecurityError');
      }
    };
  });
  const field = new Field(page);
  await field.join(server);
  await sealed(field, visit);
  await field.delivered();
  await page.goto('/me');
  await expect(page.getByText('没有，这个浏览器存不了副本；有网络时请尽快送出')).toBeVisible();
});

test('what was lost waits for the part of the program that looks for it, and nothing is called new', async ({
  page,
  context,
  server,
  watch,
}) => {
  watch.allow(/ERR_FAILED|Failed to fetch/);
  const second = '**/split_later*.wasm';
  await context.route(second, (route) => route.abort());
  const field = new Field(page);
  await field.joinEarly(server);
  await field.start(visit);
  await loseDatabase(page);

  await page.goto('/');
  await expect(page.getByRole('heading', { name: '要先核对本机的记录' })).toBeVisible();
  await context.unroute(second);
  // By a tap, if it has not tried again by itself before.
  const again = page.getByRole('button', { name: '再试一次' });
  const lost = page.getByRole('heading', { name: '这台设备丢了记录' });
  await expect(again.or(lost)).toBeVisible();
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(lost).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await expect(page.getByText(/第 1–1 条/)).toBeVisible();
});
