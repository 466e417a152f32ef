// Photos while things go wrong: a page that is left too soon, a disk that takes no bytes.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { people } from '../pages/overview.ts';
import { failed, jpeg } from '../pages/photos.ts';

test.use({ demo: true });

const site = '示例便利店05';
const visit = { site, checklists: ['电动自行车停放充电'] };

test('a page that is left while photos are being saved loses none', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  const buffer = await jpeg(page);
  await photos.pick(...[1, 2, 3].map((n) => ({ name: `${n}.jpg`, mimeType: 'image/jpeg', buffer })));
  await expect(photos.tiles).toHaveCount(3);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: '返回' }).click();
  await page.getByRole('link', { name: site }).click();
  await check.opened();
  await page.getByRole('button', { name: '还差' }).click();
  await photos.saved(3);
  await photos.drawn(3);
  await page.reload();
  await check.opened();
  await page.getByRole('button', { name: '还差' }).click();
  await photos.saved(3);
});

test('nothing is sealed while a photo is not on the disk', async ({ page, server }) => {
  await page.addInitScript(() => {
    const commit = IDBTransaction.prototype.commit;
    IDBTransaction.prototype.commit = function () {
      if (sessionStorage.getItem('full') && this.objectStoreNames.contains('blob_chunk')) return this.abort();
      return commit.call(this);
    };
  });
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const photos = await failed(check);
  await page.evaluate(() => sessionStorage.setItem('full', 'yes'));
  await photos.pick({ name: '1.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page) });
  await expect(photos.tiles).toHaveAttribute('data-state', 'failed');
  await page.keyboard.press('Escape');
  const overview = await check.overview();
  await expect(field.save).toHaveAttribute('data-state', 'failed');
  await overview.checkedInPart('虚构');
  // Nobody signs a record that lacks it, and without signatures there is no seal.
  const sheet = await overview.signing(people.inspector);
  await overview.scrawl(sheet);
  await expect(sheet.getByText('有取证没存上')).toBeVisible();
  await expect(sheet.getByRole('button', { name: '签字', exact: true })).toBeDisabled();
  await sheet.getByRole('button', { name: '关闭' }).click();
  await expect(page.getByRole('button', { name: '封存', exact: true })).toBeDisabled();
  expect(page.url()).toContain('/overview');
  await page.goBack();
  await check.opened();
  await page.evaluate(() => sessionStorage.removeItem('full'));
  await page.getByRole('button', { name: '还差' }).click();
  await photos.scope.getByRole('button', { name: '再存一次' }).click();
  await photos.saved(1);
  await page.keyboard.press('Escape');
  await check.overview();
  await overview.fillPeople();
  await overview.seal();
  await expect(page.getByText('1 件已送达')).toBeVisible();
});
