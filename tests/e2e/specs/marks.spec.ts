// Marks and stamps: drawn into a copy of a photo, never into what was captured, and delivered with it.
import { createHash } from 'node:crypto';
import { test, expect, prepare } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { compare, Marks, squares } from '../pages/marks.ts';
import { Office } from '../pages/office.ts';
import { failed, jpeg, Photos } from '../pages/photos.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };
const kept = '有标记，原图另存';

test('marks are kept, delivered beside the original, and what is blurred is gone from the marked copy', async ({ page, context, browser, server }) => {
  test.setTimeout(120_000);
  await context.grantPermissions(['camera', 'geolocation']);
  await context.setGeolocation({ latitude: 31.2304, longitude: 121.4737, accuracy: 9 });
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  await photos.take(1);
  const picked = await squares(page);
  await photos.pick({ name: 'IMG_示例.jpg', mimeType: 'image/jpeg', buffer: picked });
  await photos.saved(2);
  await photos.drawn(2);

  const large = await photos.open(0);
  await expect(large.getByText(kept)).toBeHidden();
  let marks = await Marks.open(large);
  await expect(marks.button('存下标记')).toBeDisabled();
  await marks.draw('箭头', [0.2, 0.8], [0.5, 0.5]);
  await marks.draw('方框', [0.5, 0.2], [0.9, 0.6]);
  await marks.write('插座松动（虚构）', [0.1, 0.1]);
  await marks.draw('打码', [0.1, 0.3], [0.4, 0.6]);
  await marks.count(4);
  await marks.button('撤销').click();
  await marks.count(3);
  await marks.save();
  await expect(large.getByText(kept)).toBeVisible();
  await large.getByRole('button', { name: '关闭' }).click();

  const second = await photos.open(1);
  marks = await Marks.open(second);
  await marks.draw('打码', [0.1, 0.2], [0.35, 0.6]);
  await marks.draw('箭头', [0.9, 0.9], [0.7, 0.7]);
  await marks.save();
  await second.getByRole('button', { name: '关闭' }).click();
  await photos.saved(2);
  await check.saved();

  // The whole page goes; what was saved is there, and can be changed further.
  await page.reload();
  await check.opened();
  await page.getByRole('button', { name: '还差' }).click();
  await photos.drawn(2);
  const again = await photos.open(0);
  await expect(again.getByText(kept)).toBeVisible();
  marks = await Marks.open(again);
  await marks.count(3);
  await marks.button('全部清除').click();
  await marks.save('去掉标记');
  await expect(again.getByText(kept)).toBeHidden();
  marks = await Marks.open(again);
  await marks.draw('方框', [0.2, 0.2], [0.6, 0.6]);
  await marks.save();
  await again.getByRole('button', { name: '关闭' }).click();
  await photos.saved(2);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();

  const overview = await check.overview();
  await overview.checkedInPart('虚构');
  await overview.fillPeople();
  const record = await overview.seal();
  await field.delivered();
  const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
  await expect(sealed.scope.getByText('2 / 2 件已送达')).toBeVisible();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const deskWatch = await prepare(desk);
  deskWatch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`${server.url}/office/records/${record}`);
  const section = office.page.locator('section', { has: office.page.getByRole('heading', { name: '照片和取证（2）' }) });
  await section.getByRole('button').nth(1).click();
  const view = office.page.getByRole('dialog', { name: '看照片' });
  await expect(view.getByText(kept)).toBeVisible();
  const shown = async () => (await view.locator('img.shot').getAttribute('src'))!.replace('as=view', 'as=original');
  const marked = await shown();
  await view.getByRole('button', { name: '看没有标记的（会记入审计）' }).click();
  await expect(view.getByText('这是没有标记的工作副本。')).toBeVisible();
  await expect.poll(() => view.locator('img.shot').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1600);
  const working = await shown();
  expect(working).not.toBe(marked);
  const original = (await view.getByRole('link', { name: '下载原件' }).getAttribute('href'))!;
  expect(original).toContain(createHash('sha256').update(picked).digest('hex'));

  const blurred = await compare(office.page, [original, marked], [0.12, 0.23, 0.33, 0.57]);
  expect(blurred.detail[0], 'squares in the original').toBeGreaterThan(80);
  expect(blurred.detail[1], 'none in the marked copy').toBeLessThan(8);
  for (const part of [[0.4, 0, 1, 0.5], [0, 0.65, 0.6, 1]] as const) {
    const elsewhere = await compare(office.page, [original, marked], [...part]);
    expect(elsewhere.apart, 'elsewhere nearly the same').toBeLessThan(8);
    expect(elsewhere.detail[1]).toBeGreaterThan(80);
  }
  const arrow = await compare(office.page, [working, marked], [0.7, 0.7, 0.9, 0.9]);
  expect(arrow.apart, 'the arrow is there').toBeGreaterThan(5);
  const size = await office.page.evaluate(async (address) => (await (await fetch(address)).blob()).size, marked);
  expect(size).toBeLessThanOrEqual(400_000);
  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});

test('with the stamp on, time, place, site and person stand below a copy', async ({ page, context, server }) => {
  await context.grantPermissions(['camera', 'geolocation']);
  await context.setGeolocation({ latitude: 31.2304, longitude: 121.4737, accuracy: 9 });
  const field = new Field(page);
  await field.join(server);
  await page.goto('/me');
  const stamp = page.getByRole('switch', { name: /在照片下边印上/ });
  await expect(stamp).not.toBeChecked();
  await stamp.check();
  await page.reload();
  await expect(stamp).toBeChecked();
  await page.goto('/');
  const check = await field.start(visit);
  const photos = await failed(check);
  const white = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1200, 900);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 1200, 900);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
    return Array.from(bytes);
  });
  await photos.pick({ name: 'white.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(white) });
  await photos.saved(1);
  await photos.take(1);

  const rows = (large: ReturnType<Photos['open']>) =>
    large.then((sheet) =>
      sheet.locator('.large img').evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        const [w, h] = [image.naturalWidth, image.naturalHeight];
        const context = new OffscreenCanvas(w, h).getContext('2d')!;
        context.drawImage(image, 0, 0);
        const mean = (top: number) => {
          const { data } = context.getImageData(0, Math.round(top * h), w, Math.round(h / 20));
          return data.filter((_, i) => i % 4 === 0).reduce((sum, value) => sum + value, 0) / (data.length / 4);
        };
        return [mean(0.1), mean(0.94)];
      }),
    );
  const [top, bottom] = await rows(photos.open(0));
  expect(top).toBeGreaterThan(250);
  expect(bottom, 'a dark plate with light letters').toBeLessThan(150);
  const large = page.getByRole('dialog', { name: '看照片' });
  await expect(large.getByText(kept)).toBeVisible();

  // Marks and stamp are in one copy, and the stamp stays when the marks go.
  let marks = await Marks.open(large);
  await marks.draw('方框', [0.2, 0.2], [0.6, 0.6]);
  await marks.save();
  marks = await Marks.open(large);
  await marks.count(1);
  await marks.button('撤销').click();
  await marks.save('去掉标记');
  await expect(large.getByText(kept)).toBeVisible();
  await large.getByRole('button', { name: '关闭' }).click();
  await (await photos.open(1)).getByText(kept).waitFor();
});

test('what fails while marks are saved is said, and the photo stays as it was', async ({ page, server, watch }) => {
  watch.allow(/AbortError/);
  await page.addInitScript(() => {
    const commit = IDBTransaction.prototype.commit;
    IDBTransaction.prototype.commit = function () {
      if (sessionStorage.getItem('full') && this.objectStoreNames.contains('blob_chunk')) return this.abort();
      return commit.call(this);
    };
    const broken = () => sessionStorage.getItem('broken');
    let work: (name: string, job: { do: string }, transfer: unknown) => Promise<unknown>;
    Object.defineProperty(globalThis, 'zhichaWork', {
      set: (given) => (work = given),
      get: () => (name: string, job: { do: string }, transfer: unknown) =>
        job.do === broken() ? Promise.resolve({ error: 'EncodingError', words: '虚构的故障' }) : work(name, job, transfer),
    });
  });
  const fail = (name: string, value: string | null) =>
    page.evaluate(([name, value]) => (value ? sessionStorage.setItem(name!, value) : sessionStorage.removeItem(name!)), [name, value]);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  await photos.pick({ name: '1.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 800, 600) });
  await photos.drawn(1);
  const large = await photos.open(0);

  // A picture that cannot be opened.
  await fail('broken', 'open');
  await large.getByRole('button', { name: '标记', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: '标记照片' });
  await expect(sheet.getByRole('alert')).toContainText('这张照片现在不能标记');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  // A worker that fails, and a disk that takes nothing.
  await fail('broken', 'mark');
  const marks = await Marks.open(large);
  await marks.draw('箭头', [0.2, 0.8], [0.5, 0.5]);
  await marks.button('存下标记').click();
  await expect(sheet.getByRole('alert')).toContainText('标记没有存上，照片还是原来的样子。');
  await fail('broken', null);
  await fail('full', 'yes');
  await marks.button('存下标记').click();
  await expect(marks.button('存下标记')).toBeEnabled();
  await expect(sheet.getByRole('alert')).toContainText('标记没有存上，照片还是原来的样子。');
  await marks.count(1);

  // Leaving asks first; Escape keeps drawing.
  await page.keyboard.press('Escape');
  const ask = page.getByRole('dialog', { name: '标记还没存，不要了吗？' });
  await ask.getByRole('button', { name: '接着画' }).click();
  await expect(ask).toBeHidden();
  await marks.count(1);
  await page.keyboard.press('Escape');
  await ask.getByRole('button', { name: '不要了' }).click();
  await expect(sheet).toBeHidden();
  await expect(large.getByText(kept)).toBeHidden();
  await fail('full', null);
  await page.reload();
  await check.opened();
  await page.getByRole('button', { name: '还差' }).click();
  await photos.saved(1);
  await photos.drawn(1);
  const later = await photos.open(0);
  await expect(later.getByText(kept)).toBeHidden();
  await page.keyboard.press('Escape');
});
