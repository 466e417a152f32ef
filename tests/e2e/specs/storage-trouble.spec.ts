// What the disk refuses is never called saved; what the browser refuses is said in words.
import type { Page } from '@playwright/test';
import { test, expect } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';
import { failed, jpeg } from '../pages/photos.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };
const mebibyte = 1 << 20;

/** A page of our origin that runs nothing of ours: another tab, a tool, an older program. */
async function bare(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/api/v1/openapi.json`);
}

/** The database of the person who is enrolled here. */
async function database(page: Page): Promise<string> {
  const names = await page.evaluate(async () => (await indexedDB.databases()).map((found) => found.name));
  return names.find((name) => /^zhicha-.*-.*/.test(name ?? ''))!;
}

test('a full disk: the answer is not called saved, stays on screen, and is saved once there is room', async ({
  page,
  context,
  server,
  watch,
}) => {
  test.setTimeout(90_000);
  watch.allow(/QuotaExceeded/);
  // Enforced only when it is set before the origin's first write.
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 24 * mebibyte });
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  const check = await field.start(visit);
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.saved();
  const rows = (await check.open()).filter((row) => row.kind === 'check');

  await page.evaluate(fillDisk);
  // Small answers find room in what a browser keeps at hand; one of the next ones does not.
  let last = -1;
  await expect(async () => {
    last += 1;
    await check.tap(rows[last % rows.length]!.id, last % 2 ? '合格' : '不适用');
    await expect(field.save).not.toHaveAttribute('data-state', 'saving');
    await expect(field.save).toHaveAttribute('data-state', 'failed', { timeout: 200 });
  }).toPass({ timeout: 30_000, intervals: [0] });
  await expect(page.getByRole('heading', { name: '有回答没存上' })).toBeVisible();
  await expect(page.getByText('手机存满了').first()).toBeVisible();
  const chosen = check.row(rows[last % rows.length]!.id).getByRole('radio', { checked: true });
  await expect(chosen).toHaveCount(1);

  await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('filler').onsuccess = done)));
  await page.getByRole('button', { name: '再存一次' }).first().click();
  await check.saved();
  await page.reload();
  await check.opened();
  await expect(check.row(rows[last % rows.length]!.id).getByRole('radio', { checked: true })).toHaveCount(1);
});

test('a disk that is full at photo 37 keeps the thirty-six before, and takes it once there is room', async ({ page, context, server, watch }) => {
  test.setTimeout(120_000);
  watch.allow(/QuotaExceeded/);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 48 * mebibyte });
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  const check = await field.start(visit);
  const photos = await failed(check);
  const picture = await jpeg(page, 800, 600);
  // The same picture, each time with another comment: no two have the same bytes.
  const one = (n: number) => ({
    name: `${n}.jpg`,
    mimeType: 'image/jpeg',
    buffer: Buffer.concat([picture.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 3, n]), picture.subarray(2)]),
  });
  await photos.pick(...Array.from({ length: 36 }, (_, n) => one(n)));
  await photos.saved(36);
  await photos.drawn(36);
  await page.evaluate(fillDisk);
  await photos.pick(one(36));
  await expect(photos.tiles.nth(36)).toHaveAttribute('data-state', 'failed');
  await expect(photos.scope.getByRole('alert')).toContainText('本机空间不够');
  for (const tile of (await photos.tiles.all()).slice(0, 36)) await expect(tile).toHaveAttribute('data-state', 'saved');
  await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('filler').onsuccess = done)));
  await photos.scope.getByRole('button', { name: '再存一次' }).click();
  await photos.saved(37);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构');
  await overview.fillPeople();
  await overview.seal();
  await field.delivered();
  await expect(page.getByText('37 / 37 件已送达')).toBeVisible();
});

// Runs in the page: fills the origin until not even a small row fits.
async function fillDisk(): Promise<void> {
  const db = await new Promise<IDBDatabase>((done, fail) => {
    const opening = indexedDB.open('filler', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('bytes', { autoIncrement: true });
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => fail(opening.error);
  });
  const put = (size: number) =>
    new Promise<boolean>((done) => {
      const tx = db.transaction('bytes', 'readwrite', { durability: 'strict' });
      tx.objectStore('bytes').add(crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536))));
      for (let more = 65_536; more < size; more += 65_536) {
        tx.objectStore('bytes').add(crypto.getRandomValues(new Uint8Array(65_536)));
      }
      tx.oncomplete = () => done(true);
      tx.onabort = () => done(false);
    });
  for (let size = 1 << 20; size >= 256; size /= 2) while (await put(size));
  db.close();
}

test('a put that succeeds in a transaction that aborts is no save', async ({ page, server }) => {
  await page.addInitScript(() => {
    const commit = IDBTransaction.prototype.commit;
    const state = { aborts: 0 };
    (window as unknown as { trouble: typeof state }).trouble = state;
    // All requests of the transaction have succeeded by now.
    IDBTransaction.prototype.commit = function () {
      if (!this.objectStoreNames.contains('answer') || state.aborts === 0) return commit.call(this);
      state.aborts -= 1;
      this.abort();
    };
  });
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.saved();
  const rows = (await check.open()).filter((row) => row.kind === 'check');

  for (const [at, aborts] of [1, 2, 3].entries()) {
    const row = check.row(rows[at]!.id);
    await page.evaluate((n) => ((window as unknown as { trouble: { aborts: number } }).trouble.aborts = n), aborts);
    await check.tap(rows[at]!.id, '合格');
    for (let time = 0; time < aborts; time += 1) {
      await expect(field.save).toHaveAttribute('data-state', 'failed');
      await expect(row.locator('fieldset')).toHaveAttribute('data-state', 'failed');
      await expect(row.getByRole('radio', { name: '合格', exact: true })).toBeChecked();
      await page.getByRole('button', { name: '再存一次' }).first().click();
    }
    await check.saved();
    await expect(row.locator('fieldset')).toHaveAttribute('data-state', 'saved');
  }
  await page.reload();
  await check.opened();
  for (const row of rows.slice(0, 3)) {
    await expect(check.row(row.id).getByRole('radio', { name: '合格', exact: true })).toBeChecked();
  }
});

test('every write asks for the strictest durability', async ({ page, server }) => {
  await page.addInitScript(() => {
    const transaction = IDBDatabase.prototype.transaction;
    const loose: string[] = [];
    (window as unknown as { loose: string[] }).loose = loose;
    IDBDatabase.prototype.transaction = function (...args: Parameters<typeof transaction>) {
      const tx = transaction.apply(this, args);
      const evidence = ['draft', 'answer', 'event', 'keys'].some((name) => tx.objectStoreNames.contains(name));
      if (tx.mode === 'readwrite' && evidence && tx.durability !== 'strict') {
        loose.push([...tx.objectStoreNames].join(' '));
      }
      return tx;
    };
  });
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.saved();
  expect(await page.evaluate(() => (window as unknown as { loose: string[] }).loose)).toEqual([]);
});

test('IndexedDB that throws when it is touched is explained', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '这个浏览器不能保存记录' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'This browser cannot keep records' })).toBeVisible();
});

test('a database that cannot be opened is explained and never deleted', async ({ page, server, watch }) => {
  watch.allow(/UnknownError|planted/);
  const field = new Field(page);
  await field.join(server);
  await page.addInitScript(() => {
    IDBFactory.prototype.open = function () {
      throw new DOMException('planted', 'UnknownError');
    };
    IDBFactory.prototype.deleteDatabase = function () {
      console.error('a database was to be deleted');
      throw new DOMException('planted', 'UnknownError');
    };
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '这个浏览器不能保存记录' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: '开始检查' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '重新打开' })).toBeVisible();
});

test('a database that is newer than the app asks for an update and is left alone', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const name = await database(page);
  await bare(page, server.url);
  await page.evaluate(
    (name) =>
      new Promise<void>((done, fail) => {
        const opening = indexedDB.open(name, 999);
        opening.onsuccess = () => {
          opening.result.close();
          done();
        };
        opening.onerror = () => fail(opening.error);
      }),
    name,
  );
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '请更新直查' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: '开始检查' })).toHaveCount(0);
  const version = await page.evaluate(
    async (name) => (await indexedDB.databases()).find((found) => found.name === name)?.version,
    name,
  );
  expect(version).toBe(999);
});

test('a database that another tab holds is said within seconds, not waited for', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  const name = await database(page);
  await bare(page, server.url);
  // Another program holds a connection that lets nobody pass.
  await page.evaluate(
    (name) =>
      new Promise<void>((done) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => {
          const blocked = indexedDB.open(name, 999);
          blocked.onblocked = () => done();
          (window as unknown as { held: unknown[] }).held = [opening.result, blocked];
        };
      }),
    name,
  );
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('heading', { name: '请关掉另一个窗口' }).first()).toBeVisible({ timeout: 15_000 });
});

test('a web page with status 200 is no delivery', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  const portal = /\/api\/v1\/sync\/push$/;
  let asked = 0;
  await context.route(portal, (route) => {
    asked += 1;
    return route.fulfill({ status: 200, contentType: 'text/html', body: '<html><h1>Wi-Fi 登录</h1></html>' });
  });
  await field.start(visit);
  await expect.poll(() => asked).toBeGreaterThan(0);
  await expect(field.sync).toHaveAttribute('data-count', '1');
  await expect(field.sync).not.toHaveAttribute('data-state', 'delivered');
  await context.unroute(portal);
  await page.goto('/me');
  await page.getByRole('button', { name: '现在送出' }).click();
  await field.sent();
  const truth = await Truth.of(server);
  await truth.holdsExactly(1);
  await truth.close();
});

test('receipts under another key are no delivery', async ({ page, context, server, watch }) => {
  watch.allow(/ERR_/);
  const field = new Field(page);
  await field.join(server);
  // Every receipt is changed by one bit of its signature on the way.
  await context.route(/\/api\/v1\/sync\/push$/, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/\.([A-Za-z0-9_-])([A-Za-z0-9_-]{85})"/g, (_all, first: string, rest: string) => {
      return `.${first === 'A' ? 'B' : 'A'}${rest}"`;
    });
    await route.fulfill({ response: answer, body });
  });
  await field.start(visit);
  await expect(field.sync).toHaveAttribute('data-state', /attention|pending/);
  await expect(field.sync).toHaveAttribute('data-count', '1');
  await new Check(page).opened();
  await expect(field.sync).not.toHaveAttribute('data-state', 'delivered');
});
