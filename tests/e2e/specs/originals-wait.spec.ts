// Where each byte may cost, small copies go at once and originals wait, and the phone says so.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { failed, jpeg, Photos } from '../pages/photos.ts';

test.use({ demo: true });

test.beforeEach(async ({ page }) => {
  // The browser on a telephone's network; a test machine has none.
  await page.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { type: 'cellular', saveData: false });
    Object.defineProperty(navigator, 'connection', { get: () => connection });
  });
});

async function sealedOnTheRoad(field: Field, server: Parameters<Field['join']>[0]): Promise<Photos> {
  const { page } = field;
  await field.join(server);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const photos = await failed(check);
  await photos.pick({ name: '1.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page) });
  await photos.drawn(1);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  await overview.seal();
  const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
  // Of the events, the copy and what was signed nothing waits: one piece does, for its original.
  await expect(field.sync).toHaveAttribute('data-count', '1');
  await expect(field.sync).toHaveAttribute('data-state', 'pending');
  await expect(sealed.scope.getByText('0 / 1 件已送达')).toBeVisible();
  return sealed;
}

test('an original goes when a person asks', async ({ page, server }) => {
  const field = new Field(page);
  await sealedOnTheRoad(field, server);
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/uploads') && asked.push(request.method()));
  // The start sends what it may, and asks what is new; then there is silence.
  const pulled = page.waitForResponse(/\/sync\/pull/);
  await page.goto('/me');
  await pulled;
  await page.waitForLoadState('networkidle');
  await expect(page.getByText('原件等别的网络再送')).toBeVisible();
  await expect(field.sync).toHaveAttribute('data-count', '1');
  expect(asked, 'a new start sends no original either').toEqual([]);
  await page.getByRole('button', { name: '现在送出' }).click();
  await field.delivered();
  await expect(page.getByText('原件等别的网络再送')).toBeHidden();
});

test('an original goes by itself once the connection costs nothing', async ({ page, server }) => {
  const field = new Field(page);
  const sealed = await sealedOnTheRoad(field, server);
  await page.evaluate(() => {
    const { connection } = navigator as unknown as { connection: EventTarget & { type: string } };
    connection.type = 'wifi';
    connection.dispatchEvent(new Event('change'));
  });
  await field.delivered();
  await expect(sealed.scope.getByText('1 / 1 件已送达')).toBeVisible();
});
