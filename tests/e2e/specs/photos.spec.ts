// From the shutter to the office: photos taken without a network, each with its moment and place, arrive whole.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { test, expect, prepare } from '../fixtures/test.ts';
import { binary } from '../fixtures/server.ts';
import { unzip } from '../fixtures/zip.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { failed, jpeg, Photos, type Picked } from '../pages/photos.ts';

test.use({ demo: true });

/** What a signed event says about evidence. */
interface Signed {
  body: { evidence?: { kind: string; blobs: number[] }[] };
  blobs: { sha256: string; role: string }[];
}

function signed(event: Buffer): Signed {
  return JSON.parse(Buffer.from(event.toString().split('.')[1]!, 'base64url').toString()) as Signed;
}

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };
const here = { latitude: 31.2304, longitude: 121.4737, accuracy: 9 };

function file(name: string, buffer: Buffer, mimeType = 'image/jpeg'): Picked {
  return { name, mimeType, buffer };
}

test('photos taken offline arrive whole, each with its moment and place', async ({ page, context, browser, server, watch }, info) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.grantPermissions(['camera', 'geolocation']);
  await context.setGeolocation(here);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);

  const check = await field.start(visit);
  const photos = await failed(check);
  await photos.take(2);
  const picked = await jpeg(page);
  await photos.pick(file('IMG_示例.jpg', picked));
  await photos.saved(3);
  await photos.drawn(3);
  const large = await photos.open(0);
  await expect(large.getByText('31.2304000, 121.4737000（±9 米）')).toBeVisible();
  await expect(large.getByText('拍摄时间（设备时钟）')).toBeVisible();
  await large.getByLabel('说明').fill('虚构：插座和电池');
  await large.getByRole('button', { name: '关闭' }).click();
  const found = await photos.open(2);
  await expect(found.getByText('收进来的时间（何时拍的不知道）')).toBeVisible();
  await expect(found.getByText('没有位置')).toBeVisible();
  await found.getByRole('button', { name: '关闭' }).click();
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();

  // The whole page goes; what was saved is there.
  await page.reload();
  await check.opened();
  const overview = await check.overview();
  const loose = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '还没归到检查项的照片' }) }).first());
  await loose.take(1);
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  const record = await overview.seal();
  const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
  await expect(sealed.tiles).toHaveCount(4);
  await expect(sealed.scope.getByText('0 / 4 件已送达')).toBeVisible();
  await sealed.drawn(4);
  await expect(field.sync).toHaveAttribute('data-count', '7');

  await context.setOffline(false);
  await field.delivered();
  await expect(sealed.scope.getByText('4 / 4 件已送达')).toBeVisible();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const deskWatch = await prepare(desk);
  deskWatch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`${server.url}/office/records/${record}`);
  const section = office.page.locator('section', { has: office.page.getByRole('heading', { name: '照片和取证（4）' }) });
  await expect(section.getByRole('listitem')).toHaveCount(4);
  for (const thumb of await section.getByRole('listitem').locator('img').all()) {
    await expect.poll(() => thumb.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  }
  await section.getByRole('button').first().click();
  const view = office.page.getByRole('dialog', { name: '看照片' });
  await expect(view.getByText('31.2304000, 121.4737000（±9 米）')).toBeVisible();
  await expect(view.getByText('虚构：插座和电池')).toBeVisible();
  await view.getByRole('button', { name: '并排看第 3 张' }).click();
  const figures = view.getByRole('figure');
  await expect(figures).toHaveCount(2);
  for (const at of [0, 1]) {
    const width = () => figures.nth(at).getByRole('img').evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBeGreaterThan(300);
  }
  const download = office.page.waitForEvent('download');
  await figures.nth(1).getByRole('link', { name: '下载原件' }).click();
  const original = info.outputPath('original');
  await (await download).saveAs(original);
  expect(await readFile(original), 'the original is what was picked').toEqual(picked);

  await office.page.goto(`${server.url}/office/`);
  const zip = info.outputPath('export.zip');
  await office.exportAll(zip);
  const verify = await promisify(execFile)(binary, ['verify', zip, '--trust', await office.thumbprint()]);
  expect(verify.stdout).toMatch(/good: 1 record/);
  const files = [...unzip(await readFile(zip))];
  const events = files.filter(([name]) => name.startsWith('events/')).map(([, event]) => signed(event));
  const seal = events.find((event) => event.body.evidence)!;
  const roles = seal.body.evidence!.filter(({ kind }) => kind === 'photo').map(({ blobs }) => blobs.map((at) => seal.blobs[at]!.role));
  expect(roles).toEqual(Array(4).fill(['original', 'working']));
  const blobs = files.filter(([name]) => name.startsWith('blobs/'));
  // The camera of a test shows the same pictures after each start; the same bytes are kept once.
  const wanted = new Set(seal.blobs.map(({ sha256 }) => `blobs/${sha256}`));
  expect(new Set(blobs.map(([name]) => name)), 'exactly what the event names').toEqual(wanted);
  expect(seal.blobs.filter(({ role }) => role === 'shown'), 'the text that all three signed').toHaveLength(1);
  for (const [name, bytes] of blobs) {
    expect(name).toBe(`blobs/${createHash('sha256').update(bytes).digest('hex')}`);
  }
  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});

test('without a camera or a place the inspection goes on, and both are said', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  await expect(photos.camera.getByRole('alert')).toContainText('没有相机权限');
  await expect(photos.camera.getByText('没有位置：未允许定位')).toBeVisible();
  await photos.camera.getByLabel('用系统相机').setInputFiles(file('shot.jpg', await jpeg(page, 800, 600)));
  await photos.camera.getByRole('button', { name: '关闭' }).click();
  await photos.saved(1);
  const large = await photos.open(0);
  await large.getByRole('button', { name: '删掉' }).click();
  const ask = page.getByRole('dialog', { name: '删掉这张照片？' });
  await ask.getByRole('button', { name: '删掉' }).click();
  await photos.saved(0);
  await page.reload();
  await check.opened();
});

test('files that are no photos are kept as they are or refused in words', async ({ page, server, watch }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  const real = await jpeg(page, 400, 300);
  // Width and height of 60,000: what a decoder must not believe.
  const huge = Buffer.from('89504e470d0a1a0a0000000d494844520000ea600000ea600802000000', 'hex');
  watch.allow(/decod/i);
  await photos.pick(
    file('truncated.jpg', real.subarray(0, real.length / 2)),
    file('photo.heic', Buffer.from('00000018667479706865696300000000', 'hex'), 'image/heic'),
    file('huge.png', Buffer.concat([huge, Buffer.alloc(64)]), 'image/png'),
    file('polyglot.jpg', Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('GIF89a<html>PK\x03\x04')])),
  );
  await photos.saved(4);
  const alert = photos.scope.getByRole('alert');
  for (const text of ['<script>alert(1)</script>', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>']) {
    await photos.pick(file('photo.jpg', Buffer.from(text)));
    await expect(alert).toContainText('不是照片，也不是 PDF');
    await alert.getByRole('button', { name: '不要了' }).click();
  }
  await photos.pick(file('nothing.jpg', Buffer.alloc(0)));
  await expect(alert).toContainText('这个文件是空的');
  await expect(photos.scope.getByText('没存上', { exact: true }), 'the sheet does not say saved').toBeVisible();
  await alert.getByRole('button', { name: '不要了' }).click();
  await photos.saved(4);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构');
  await overview.fillPeople();
  await overview.seal();
  await field.delivered();
});

test('a full disk takes no photo and keeps all answers', async ({ page, context, server, watch }) => {
  test.setTimeout(90_000);
  watch.allow(/QuotaExceeded/);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 24 << 20 });
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  const check = await field.start(visit);
  const photos = await failed(check);
  const noise = (at: number) => {
    const bytes = Buffer.alloc(6 << 20);
    for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE((Math.imul(i + at, 2654435761) >>> 0), i);
    bytes.writeUInt32BE(0xffd8ffe0, 0);
    return file(`noise-${at}.jpg`, bytes);
  };
  let kept = 0;
  await expect(async () => {
    await photos.pick(noise(kept));
    await expect(photos.tiles.nth(kept)).not.toHaveAttribute('data-state', 'saving', { timeout: 10_000 });
    kept += 1;
    await expect(photos.tiles.nth(kept - 1)).toHaveAttribute('data-state', 'failed', { timeout: 200 });
  }).toPass({ timeout: 60_000, intervals: [0] });
  await expect(photos.scope.getByRole('alert')).toContainText('本机空间不够');
  await photos.scope.getByRole('alert').getByRole('button', { name: '不要了' }).click();
  await photos.saved(kept - 1);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const [next] = (await check.open()).filter((row) => row.kind === 'check');
  await check.tap(next!.id, '合格');
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构');
  await overview.fillPeople();
  await overview.seal();
  const sealed = page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first();
  await expect(sealed.locator('li.photo')).toHaveCount(kept - 1);
  await field.delivered();
});
