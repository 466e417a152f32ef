// Somebody has been at the device: its profile is copied to a second machine, an event on its disk is altered, another one deleted
// (faults F05, F06, F08). What the server cannot take is said on the device, nothing of it is called delivered, and the rest goes on.
import type { BrowserContext, Page } from '@playwright/test';
import { withoutCopies } from '../fixtures/copies.ts';
import { test, expect } from '../fixtures/test.ts';
import { Profile } from '../fixtures/profile.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field, type Visit } from '../pages/field.ts';

test.use({ demo: true });

const visit = (site: string): Visit => ({ site, checklists: ['电动自行车停放充电'] });

/** Two inspections begun without a network: events 1 and 2 wait. */
async function twoWaiting(page: Page, context: BrowserContext): Promise<Field> {
  const field = new Field(page);
  await field.readyForOffline();
  await context.setOffline(true);
  await field.start(visit('示例便利店05'));
  await field.start(visit('示例公寓07'));
  await page.goto('/');
  await expect(field.sync).toHaveAttribute('data-count', '2');
  return field;
}

/** Does something to the first event of the database, behind the app's back. */
async function firstEvent(page: Page, act: 'alter' | 'delete'): Promise<void> {
  await page.evaluate(async (act) => {
    const names = (await indexedDB.databases()).map((found) => found.name ?? '');
    const db = await new Promise<IDBDatabase>((done, fail) => {
      const opening = indexedDB.open(names.find((name) => /^zhicha-.*-.*/.test(name))!);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => fail(opening.error);
    });
    const tx = db.transaction('event', 'readwrite');
    const cursor = tx.objectStore('event').openCursor();
    cursor.onsuccess = () => {
      const at = cursor.result!;
      if (act === 'delete') {
        at.delete();
        return;
      }
      // The letters in the middle of the payload: another text, whose signature does not fit.
      const altered = (value: unknown): unknown => {
        if (typeof value === 'string' && value.split('.').length === 3) {
          const [head, payload, signature] = value.split('.') as [string, string, string];
          const middle = payload.length >> 1;
          const letter = payload[middle] === 'A' ? 'B' : 'A';
          return `${head}.${payload.slice(0, middle)}${letter}${payload.slice(middle + 1)}.${signature}`;
        }
        if (value instanceof Object && !(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value)) {
          for (const [name, part] of Object.entries(value)) (value as Record<string, unknown>)[name] = altered(part);
        }
        return value;
      };
      const before = JSON.stringify(at.value);
      const after = altered(at.value);
      if (JSON.stringify(after) === before) throw new Error(`nothing to alter in ${before.slice(0, 200)}`);
      at.update(after);
    };
    await new Promise((done, fail) => {
      tx.oncomplete = done;
      tx.onabort = () => fail(tx.error);
    });
    db.close();
  }, act);
}

test('F06: an event that was altered on the disk is kept by the server, named on the device, and holds up nothing', async ({
  page,
  context,
  server,
  watch,
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  await new Field(page).join(server);
  const field = await twoWaiting(page, context);
  await firstEvent(page, 'alter');
  await context.setOffline(false);
  await page.goto('/');
  await expect(page.getByText('有 1 条记录服务器收下了但没有采用')).toBeVisible({ timeout: 20_000 });
  await expect(field.sync).toHaveAttribute('data-state', 'attention');
  const truth = await Truth.of(server);
  const events = await truth.events();
  expect(events.map((event) => [event.device_seq, event.disposition])).toEqual([[2, 'applied']]);
  await truth.close();
});

test('F08: without the event that the server asks for nothing behind it is called delivered, and that is said', async ({
  page,
  context,
  server,
  watch,
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|status of 409/);
  await new Field(page).join(server);
  const field = await twoWaiting(page, context);
  await firstEvent(page, 'delete');
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.getByText('服务器要的记录本机没有')).toBeVisible({ timeout: 20_000 });
  await expect(field.sync).toHaveAttribute('data-state', 'attention');
  const truth = await Truth.of(server);
  expect(await truth.events()).toEqual([]);
  await truth.close();

  // The next start finds it in the copy beside the database, and all is delivered in order.
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '记录找回来了' })).toBeVisible();
  await page.getByRole('button', { name: '知道了' }).click();
  const after = await Truth.of(server);
  // The server is asked first: a page that has not read its numbers yet shows none that wait.
  await expect.poll(async () => (await after.events()).length, { timeout: 20_000 }).toBe(2);
  await field.sent();
  await after.holdsExactly(2);
  await after.close();
});

test('F08: without a copy the person lets the missing number be named, and what is there is delivered', async ({
  page,
  context,
  server,
  watch,
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|status of 409/);
  await new Field(page).join(server);
  const field = await twoWaiting(page, context);
  await firstEvent(page, 'delete');
  await withoutCopies(page);
  await context.setOffline(false);
  await page.goto('/me');
  await expect(page.getByText('服务器要的记录本机没有')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('第 1–2 条里，1 条没有了。')).toBeVisible();
  await page.getByRole('button', { name: '记下缺号，送出其余' }).click();
  await expect(page.getByText('服务器要的记录本机没有')).toBeHidden({ timeout: 20_000 });
  const truth = await Truth.of(server);
  await expect.poll(async () => (await truth.events()).map((event) => event.device_seq)).toEqual([2]);
  await field.sent();
  await truth.close();
});

test('F05: of a profile and its copy both versions are kept, and the second is told to enrol again', async ({
  server,
  launchOptions,
}) => {
  test.setTimeout(90_000);
  const first = await Profile.make(launchOptions);
  let page = (await first.start()).pages()[0]!;
  await new Field(page).join(server);
  await first.close();
  const second = await first.copy();
  try {
    page = (await first.start()).pages()[0]!;
    await page.goto(server.url);
    let field = new Field(page);
    await field.start({ ...visit('示例便利店05') });
    await field.sent();
    await first.close();

    page = (await second.start()).pages()[0]!;
    await page.goto(server.url);
    field = new Field(page);
    await field.start({ ...visit('示例公寓07') });
    await page.goto(server.url);
    await expect(page.getByText('这台设备被冻结了')).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('link', { name: '重新登记这台设备' })).toBeVisible();
    await expect(field.sync).toHaveAttribute('data-state', 'attention');
    const truth = await Truth.of(server);
    expect((await truth.records()).map((record) => record.site_name)).toEqual(['示例便利店05']);
    expect((await truth.quarantine()).map((row) => row.reason)).toEqual(['fork']);
    await truth.close();
  } finally {
    await first.remove();
    await second.remove();
  }
});
