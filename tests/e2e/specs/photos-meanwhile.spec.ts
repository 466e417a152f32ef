// What is sealed while photos of another record are on their way goes right after them, and not with the next look around.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { failed, jpeg } from '../pages/photos.ts';

test.use({ demo: true });

test('photos that are sealed while others are being sent follow at once', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  // No photo arrives until the second record's events have their receipts.
  let release = (): void => undefined;
  const held = new Promise<void>((done) => (release = done));
  let underway = 0;
  await context.route(/\/api\/v1\/uploads$/, async (route) => {
    underway += 1;
    await held;
    await route.continue();
  });
  for (const [site, record] of [
    ['示例便利店05', '2'],
    ['示例木制品加工厂01', '4'],
  ] as const) {
    underway = 0;
    const check = await field.start({ site, checklists: ['电动自行车停放充电'] });
    const photos = await failed(check);
    await photos.pick({ name: '1.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 800, 600) });
    await photos.drawn(1);
    await page.getByRole('button', { name: '记好了' }).click();
    await check.saved();
    const overview = await check.overview();
    await overview.checkedInPart('虚构：只看了门口');
    await overview.fillPeople();
    // The page of the second one is sending the first one's photo by now.
    if (record === '4') await expect.poll(() => underway).toBeGreaterThan(0);
    await overview.seal();
    // Of each record two pieces wait, the photo and what was signed, and no event.
    await expect(field.sync).toHaveAttribute('data-count', record);
    await expect.poll(() => underway).toBeGreaterThan(0);
  }
  release();
  await field.delivered();
});
