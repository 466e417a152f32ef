// What an administrator decides about photos reaches the phones, and holds there from then on.
import { readFile } from 'node:fs/promises';
import { test, expect, prepare } from '../fixtures/test.ts';
import { unzip } from '../fixtures/zip.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { failed, jpeg } from '../pages/photos.ts';

test.use({ demo: true });

test('with copies only, originals neither stay on the phone nor leave it, and what was taken before keeps them', async ({ page, browser, server }, info) => {
  test.setTimeout(120_000);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const photos = await failed(check);
  const before = await jpeg(page, 2400, 1600);
  await photos.pick({ name: 'before.jpg', mimeType: 'image/jpeg', buffer: before });
  await photos.drawn(1);

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const watch = await prepare(desk);
  watch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'administrator');
  await office.page.goto(`${server.url}/office/me`);
  await office.page.getByRole('radio', { name: '只留小图' }).check();
  await expect(office.page.getByText('已保存')).toBeVisible();
  await office.page.reload();
  await expect(office.page.getByRole('radio', { name: '只留小图' })).toBeChecked();

  // The phone hears of it with the next answer to what it sends: another inspection begins.
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  await field.start({ site: '示例木制品加工厂01', checklists: ['粉尘涉爆'] });
  await field.sent();
  await field.resume('示例便利店05');
  const row = page.locator('li.item', { has: page.getByRole('button', { name: '还差' }) }).first();
  await row.getByRole('button', { name: '还差' }).click();
  const after = await jpeg(page, 2000, 1500);
  await photos.pick({ name: 'after.jpg', mimeType: 'image/jpeg', buffer: after });
  await photos.drawn(2);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  await overview.seal();
  await expect(page.getByText('服务器备份之前，本机不清理原件')).toBeVisible({ timeout: 30_000 });
  await field.sent();

  await office.page.goto(`${server.url}/office/`);
  const zip = info.outputPath('export.zip');
  await office.exportAll(zip);
  const blobs = [...unzip(await readFile(zip))].filter(([name]) => name.startsWith('blobs/'));
  const pictures = blobs.map(([, bytes]) => bytes).filter((bytes) => bytes[0] === 0xff && bytes[1] === 0xd8);
  expect(pictures, 'one original and two working copies').toHaveLength(3);
  expect(pictures.some((bytes) => before.equals(bytes)), 'what was taken before keeps its original').toBe(true);
  expect(pictures.some((bytes) => after.equals(bytes)), 'what was taken after has none').toBe(false);
  expect(watch.unexpected).toEqual([]);
  await desk.close();
});
