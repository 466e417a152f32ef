// The page itself, before anything of the product: it starts, it starts without a network, and where
// it cannot start it says so in both languages.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { test, expect } from '../fixtures/test.ts';

test('the field page starts and says which build it is', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.locator('#boot')).toHaveCount(0);
  await expect(page.locator('meta[name="build"]')).toHaveAttribute('content', /^[0-9a-f]{16}$/);
});

test('after the first visit the page starts offline from the precache list alone', async ({
  page,
  context,
  request,
}) => {
  await page.goto('/');
  const status = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const channel = new MessageChannel();
    const answer = new Promise<MessageEvent>((done) => (channel.port1.onmessage = done));
    registration.active!.postMessage({ type: 'status' }, [channel.port2]);
    return (await answer).data as { build: string; files: number; cached: number };
  });
  const list = (await (await request.get('/field/precache.json')).json()) as { path: string }[];
  expect(status.files).toBe(list.length);
  expect(status.cached).toBe(list.length);

  await context.setOffline(true);
  const failed: string[] = [];
  context.on('requestfailed', (request) => failed.push(new URL(request.url()).pathname));
  await page.reload();
  await expect(page.locator('#boot')).toHaveCount(0);
  await expect(page.locator('meta[name="build"]')).toHaveAttribute('content', status.build);
  expect(failed.filter((path) => !path.startsWith('/api/'))).toEqual([]);
});

test('theme and language of this device are there before the first paint', async ({ page }) => {
  await page.addInitScript(() => {
    localStorage.setItem('zhicha.theme', 'outdoor');
    localStorage.setItem('zhicha.lang', 'en');
  });
  await page.route(/\/field\/app\..*\.wasm$/, () => {}); // the program never arrives
  await page.goto('/', { waitUntil: 'commit' });
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'outdoor');
  await expect(html).toHaveAttribute('lang', 'en');
  await expect(page.locator('meta[name="theme-color"]').first()).toHaveAttribute(
    'content',
    '#ffffff',
  );
});

async function expectNotice(page: Page, chinese: string, english: string): Promise<void> {
  await expect(page.getByRole('heading', { name: chinese })).toBeVisible();
  await expect(page.getByRole('heading', { name: english })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
}

test('an insecure address is explained', async ({ page, server, watch }) => {
  watch.allow(/Cross-Origin-Opener-Policy header has been ignored/);
  await page.goto(server.url.replace('127.0.0.1', 'insecure.test'));
  await expectNotice(page, '这个地址不能用', 'This address cannot be used');
});

test('a browser without a database is explained', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  await page.goto('/');
  await expectNotice(page, '这个浏览器不能保存记录', 'This browser cannot keep records');
});

test('without service workers the person decides to go on', async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
  });
  await page.goto('/');
  await expectNotice(page, '在这里打开，没有网络就不能用', 'Opened here, it needs the network');
  await page.getByRole('button', { name: 'Continue here' }).click();
  await expect(page.locator('#boot')).toHaveCount(0);
});

test('a program that does not arrive is explained', async ({ page, watch }) => {
  watch.allow(/ERR_FAILED|Failed to fetch/);
  await page.route(/\/field\/app\..*\.wasm$/, (route) => route.abort());
  await page.goto('/');
  await expectNotice(page, '没能打开', 'It could not be opened');
  await expect(page.getByRole('button', { name: '重新打开 · Reload' })).toBeVisible();
});

test('a program that stops says what is safe and where it stopped, and offers to reload', async ({ page, watch }) => {
  watch.allow(/unreachable/);
  await page.goto('/');
  await expect(page.locator('#boot')).toHaveCount(0);
  await page.evaluate(() => {
    // A module with one function that traps: (func (export "a") unreachable).
    const text = '0061736d010000000104016000000302010007050101610000' + '0a0501030000' + '0b';
    const bytes = Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));
    const { a } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    setTimeout(a as () => void);
  });
  const dialog = page.getByRole('dialog', { name: '程序停了 · The program stopped' });
  await expect(dialog).toContainText(/unreachable \S*app\.[0-9a-f]{16}\.wasm .*wasm-function\[0\]/);
  await dialog.getByRole('button', { name: '重新打开 · Reload' }).click();
  await expect(dialog).toBeHidden();
});
