// Makes pictures of what somebody sees who runs a server: a phone on the LAN, a server that was put back, a missing number.
// `npm run pictures -- operate`; they go to the test's output folder to be looked at.
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { withoutCopies } from '../fixtures/copies.ts';
import { expect, test, Server } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { speak } from '../pages/screens.ts';

test.use({ demo: true });

const sizes = { phone: { width: 360, height: 640 }, desk: { width: 1280, height: 800 } };

test('a server that was put back, in the office', async ({ browser, server, page, watch }, info) => {
  watch.allow(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|401|409/);
  test.setTimeout(120_000);
  const field = new Field(page);
  await field.join(server);
  // Another phone, which is not heard of again.
  const away = new Field(await (await browser.newContext({ baseURL: server.url })).newPage());
  await away.joinBy((await server.line(/^invite business: (\S+)/))[1]!);
  await away.page.close();
  await server.stop();
  const kept = await mkdtemp(join(tmpdir(), 'zhicha-e2e-kept-'));
  await cp(server.dataDir, kept, { recursive: true });
  const between = await Server.start({ dataDir: server.dataDir, listen: server.address });
  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await field.sent();
  await between.stop();
  const after = await Server.start({ dataDir: kept, listen: server.address });
  await page.goto('/me');
  // The phone tells it, and sends again what it lacks.
  const arrived = async () => {
    const truth = await Truth.of(server);
    await truth.holdsExactly(1);
    await truth.close();
  };
  await expect(arrived).toPass({ timeout: 60_000, intervals: [2_000] });
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ viewport, colorScheme, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
      const office = new Office(await context.newPage());
      await office.signIn(server, 'administrator');
      for (const language of ['zh', 'en'] as const) {
        await speak(office.page, language);
        await office.page.goto(`${server.url}/office/me`);
        await expect(office.page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(office.page.locator('.banner').first()).toBeVisible();
        await office.page.screenshot({ path: info.outputPath(`office-${size}-${language}-${colorScheme}.png`), fullPage: true });
      }
      await context.close();
    }
  }
  await after.stop();
});

test('a number that is missing on the phone', async ({ browser, server }, info) => {
  const context = await browser.newContext({ viewport: sizes.phone, baseURL: server.url, locale: 'zh-CN' });
  const page = await context.newPage();
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  for (const site of ['示例便利店05', '示例餐馆06']) {
    await field.start({ site, typed: true, checklists: ['电动自行车停放充电'] });
    await page.goto('/');
  }
  await expect(field.sync).toHaveAttribute('data-count', '2');
  await lose(page);
  await context.setOffline(false);
  for (const [language, colorScheme] of [['zh', 'light'], ['en', 'dark']] as const) {
    await page.emulateMedia({ colorScheme });
    await speak(page, language);
    await page.goto('/me');
    await expect(page.locator('.banner').getByRole('button')).toHaveCount(3, { timeout: 20_000 });
    await page.screenshot({ path: info.outputPath(`gap-${language}.png`) });
  }
  await context.close();
});

// The first event of the database, and all copies beside it.
async function lose(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const name = (await indexedDB.databases()).map((found) => found.name ?? '').find((name) => /^zhicha-.*-.*/.test(name))!;
    const db = await new Promise<IDBDatabase>((done, fail) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => fail(opening.error);
    });
    const tx = db.transaction('event', 'readwrite');
    const cursor = tx.objectStore('event').openCursor();
    cursor.onsuccess = () => cursor.result!.delete();
    await new Promise((done) => (tx.oncomplete = done));
    db.close();
  });
  await withoutCopies(page);
}
