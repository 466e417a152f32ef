// Codes: the one at a gate finds its site without a network, one on a device is evidence, and a foreign one is never followed.
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Locator, Page, Request } from '@playwright/test';
import { test as base, expect, prepare, type Watch } from '../fixtures/test.ts';
import { FakeCamera } from '../fixtures/codes.ts';
import type { Server } from '../fixtures/server.ts';
import { unzip } from '../fixtures/zip.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { failed, Photos } from '../pages/photos.ts';

const site = '示例便利店05';
const visit = { site, checklists: ['电动自行车停放充电'] };

interface Phone {
  camera: FakeCamera;
  context: BrowserContext;
  page: Page;
  troubles: Watch;
}

const test = base.extend<{ phone: Phone }>({
  // A phone whose camera shows a film.
  phone: async ({ launchOptions, server }, use, info) => {
    const camera = await FakeCamera.start(info.outputPath(), launchOptions);
    const context = await camera.browser.newContext({
      baseURL: server.url,
      viewport: { width: 360, height: 640 },
      hasTouch: true,
      isMobile: true,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      permissions: ['camera', 'geolocation'],
      geolocation: { latitude: 31.2304, longitude: 121.4737, accuracy: 9 },
    });
    const troubles = await prepare(context);
    await use({ camera, context, page: await context.newPage(), troubles });
    expect(troubles.unexpected, 'console errors, exceptions, CSP violations').toEqual([]);
    await camera.browser.close();
  },
});

test.use({ demo: true });

/** What scanning needs, as it lies on the device. */
function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const cache = await caches.open('zhicha codes');
    return (await cache.keys()).map((request) => new URL(request.url).pathname.replace(/\.[0-9a-f]{16}\./, '.*.')).sort();
  });
}

/** A pull, or a look at how the server's log stands: a push without events. */
function asksByItself(request: Request): boolean {
  const { pathname, search } = new URL(request.url());
  if (pathname === '/api/v1/sync/push') return request.postDataJSON().events.length === 0;
  return pathname === '/api/v1/sync/pull' && /^\?stream=\w+(&cursor=[\w-]*)?$/.test(search);
}

const whole = ['/field/codes.*.js', '/field/codes.*.wasm'];

/** Opens the office at the code for the gate of `site`; returns its sheet. */
async function gate(page: Page, server: Server): Promise<Locator> {
  const office = new Office(page);
  await office.signIn(server, 'supervisor');
  await office.go('单位');
  await page.getByRole('row', { name: site }).getByRole('button', { name: '门口二维码' }).click();
  const sheet = page.getByRole('dialog', { name: '门口二维码' });
  await expect(sheet.getByRole('heading', { name: site })).toBeVisible();
  return sheet;
}

async function gateLink(phone: Phone, server: Server): Promise<string> {
  const desk = await phone.camera.browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
  const sheet = await gate(await desk.newPage(), server);
  const link = (await sheet.getByTestId('gate-link').innerText()).trim();
  await desk.close();
  return link;
}

test('the code at the gate finds the site without a network, and nobody hears of it', async ({ phone, server }) => {
  test.setTimeout(120_000);
  const { page, context, camera } = phone;
  phone.troubles.allow(/ERR_INTERNET_DISCONNECTED/);
  const link = await gateLink(phone, server);
  expect(link).toMatch(new RegExp(`^${server.url}/s/[0-9a-f-]{36}$`));
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await expect.poll(() => kept(page), { timeout: 20_000 }).toEqual(whole);
  await context.setOffline(true);
  const asked: Request[] = [];
  context.on('request', (request) => asked.push(request));

  await field.go('单位');
  await page.getByRole('button', { name: '扫码' }).click();
  const sheet = page.getByRole('dialog', { name: '扫码找单位' });
  await expect(sheet.getByRole('status').getByText('把二维码放进画面里')).toBeVisible();
  await sheet.getByRole('button', { name: '关闭' }).click();
  await camera.shows(`https://evil.example/s/${link.slice(-36)}`);
  await page.getByRole('button', { name: '扫码' }).click();
  await expect(sheet.getByText('这是别的网站的链接，不会打开')).toBeVisible();
  await expect(sheet.getByText('https://evil.example/s/')).toBeVisible();
  await expect(sheet.getByRole('link')).toHaveCount(0);
  expect(page.url()).toBe(`${server.url}/sites`);

  await camera.shows('仓库 东门\u001d\u202e');
  await sheet.getByRole('button', { name: '再扫一次' }).click();
  await expect(sheet.getByText('本机没有和这个码对应的单位')).toBeVisible();
  await expect(sheet.getByText('仓库 东门[U+001D][U+202E]')).toBeVisible();
  await sheet.getByRole('button', { name: '用这段文字查找' }).click();
  await expect(page.getByText('没有找到')).toBeVisible();
  await page.getByRole('searchbox').fill('');

  await camera.shows(link);
  await page.getByRole('button', { name: '扫码' }).click();
  await expect(sheet.getByRole('heading', { name: site })).toBeVisible();
  await sheet.getByRole('button', { name: '就是这家' }).click();
  await expect(page.getByRole('heading', { name: site })).toBeVisible();
  expect(page.url()).toBe(link);
  await page.getByRole('link', { name: '开始检查' }).click();
  await expect(page.getByRole('heading', { name: site })).toBeVisible();

  await page.getByRole('button', { name: '换一家' }).click();
  await page.getByRole('button', { name: '扫码' }).click();
  await sheet.getByRole('button', { name: '就是这家' }).click();
  await expect(page.getByRole('heading', { name: site })).toBeVisible();
  // What the phone asks for by itself says nothing of the scan.
  const others = asked.filter((request) => !asksByItself(request)).map((request) => new URL(request.url()).pathname);
  const outside = others.filter((path) => !/^\/(field|assets|icons)\//.test(path));
  expect(outside, 'scanning asks for nothing but its own files').toEqual([]);
});

test('what a code says is evidence, from the scan to the office and the export', async ({ phone, browser, server }, info) => {
  test.setTimeout(120_000);
  const { page, camera } = phone;
  const text = '灭火器 MHQ-0007\n<b>虚构</b> https://evil.example';
  await camera.shows(text);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  await photos.scope.getByRole('button', { name: '更多取证' }).click();
  await photos.scope.getByRole('button', { name: '扫码' }).click();
  const sheet = page.getByRole('dialog', { name: '扫码取证' });
  await expect(sheet.getByText('灭火器 MHQ-0007↵')).toBeVisible();
  await sheet.getByRole('button', { name: '记下这个码' }).click();
  await expect(sheet).toBeHidden();
  await photos.saved(1);
  await photos.drawn(1);
  await expect(photos.scope.getByText('灭火器 MHQ-0007↵')).toBeVisible();
  const large = await photos.open(0, '扫码');
  await expect(large.getByText('<b>虚构</b> https://evil.example')).toBeVisible();
  await expect(large.getByText('31.2304000, 121.4737000（±9 米）')).toBeVisible();
  await expect(large.getByLabel('说明')).toHaveCount(0);
  await expect(large.getByRole('link')).toHaveCount(0);
  await large.getByRole('button', { name: '关闭' }).click();
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  await page.reload();
  await check.opened();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  const record = await overview.seal();
  const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
  await expect(sealed.scope.getByText('灭火器 MHQ-0007↵')).toBeVisible();
  await field.delivered();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`${server.url}/office/records/${record}`);
  const section = office.page.locator('section', { has: office.page.getByRole('heading', { name: '照片和取证（1）' }) });
  await expect(section.getByText('灭火器 MHQ-0007↵')).toBeVisible();
  await section.getByRole('button').first().click();
  const figure = office.page.getByRole('dialog', { name: '看照片' }).getByRole('figure');
  await expect(figure.getByText('<b>虚构</b> https://evil.example')).toBeVisible();
  await expect(figure.getByRole('img')).toBeVisible();
  await office.page.goto(`${server.url}/office/`);
  const zip = info.outputPath('export.zip');
  await office.exportAll(zip);
  const html = [...unzip(await readFile(zip))].find(([name]) => name.endsWith('.html'))![1].toString();
  expect(html).toContain('灭火器 MHQ-0007↵');
  expect(html).toContain('&lt;b&gt;虚构&lt;/b&gt; https://evil.example');
  await desk.close();
});

test('without a camera a picture of the printed code does, or its number', async ({ page, server, browser }) => {
  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const printed = await gate(await desk.newPage(), server);
  const picture = await printed.getByRole('img', { name: '单位门口的二维码' }).screenshot();
  const id = (await printed.getByTestId('gate-link').innerText()).trim().slice(-36);
  await desk.close();
  const field = new Field(page);
  await field.join(server);
  await field.go('单位');
  await page.getByRole('button', { name: '扫码' }).click();
  const sheet = page.getByRole('dialog', { name: '扫码找单位' });
  await expect(sheet.getByRole('alert')).toContainText('没有相机权限');
  const input = sheet.getByLabel('拍照或选照片来认');
  await input.setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
  await expect(sheet.getByText('这张照片打不开')).toBeVisible();
  await input.setInputFiles({ name: 'gate.png', mimeType: 'image/png', buffer: picture });
  await expect(sheet.getByRole('heading', { name: site })).toBeVisible();

  await sheet.getByRole('button', { name: '再扫一次' }).click();
  await sheet.getByLabel('输入码上的编号').fill('XUNI-404');
  await sheet.getByRole('button', { name: '按编号找' }).click();
  await expect(sheet.getByText('本机没有和这个码对应的单位')).toBeVisible();
  await sheet.getByRole('button', { name: '再扫一次' }).click();
  await sheet.getByLabel('输入码上的编号').fill(id);
  await sheet.getByRole('button', { name: '按编号找' }).click();
  await expect(sheet.getByRole('heading', { name: site })).toBeVisible();
});

test('a reader that did not come is said and comes later; what an earlier build left goes', async ({ phone, server }) => {
  const { page, context } = phone;
  phone.troubles.allow(/ERR_FAILED|Failed to (fetch|load)|ERR_INTERNET_DISCONNECTED/);
  await context.route('**/field/codes.*.wasm', (route) => route.abort());
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await page.evaluate(async () => {
    const cache = await caches.open('zhicha codes');
    await cache.put('/field/codes.0123456789abcdef.wasm', new Response('old'));
  });
  await field.go('单位');
  await page.getByRole('button', { name: '扫码' }).click();
  const sheet = page.getByRole('dialog', { name: '扫码找单位' });
  await expect(sheet.getByRole('alert')).toContainText('扫码功能还没下载到本机');
  await expect(sheet.getByLabel('输入码上的编号')).toBeVisible();
  await context.unroute('**/field/codes.*.wasm');
  await page.reload();
  await expect.poll(() => kept(page), { timeout: 20_000 }).toEqual(whole);
  const left = await page.evaluate(async () => Boolean(await caches.match('/field/codes.0123456789abcdef.wasm')));
  expect(left).toBe(false);
  await context.setOffline(true);
  await page.getByRole('button', { name: '扫码' }).click();
  await expect(sheet.getByRole('status').getByText('把二维码放进画面里')).toBeVisible();
});
