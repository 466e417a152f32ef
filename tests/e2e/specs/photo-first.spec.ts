// 随手拍: the camera from anywhere in a checklist, and to which item a photo belongs is said afterwards.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Photos } from '../pages/photos.ts';

test.use({ demo: true });

test('photos are taken first and given to an item afterwards', async ({ page, context, server }) => {
  await context.grantPermissions(['camera']);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const dock = new Photos(page, page.locator('.dock'));
  const button = page.getByRole('button', { name: /^随手拍/ });
  await button.click();
  const shutter = dock.camera.getByRole('button', { name: '按下快门' });
  await shutter.click();
  await dock.camera.getByRole('button', { name: '拍好了' }).click();
  await expect(button).toHaveAccessibleName('随手拍，1 件还没归到检查项');
  // The checklist stands where it stood, and goes on.
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  const row = (await check.open()).find((open) => open.kind === 'check')!;
  await check.tap(row.id, '不合格');
  await check.saved();
  await page.reload();
  await check.opened();
  await expect(button, 'it is on the disk').toHaveAccessibleName('随手拍，1 件还没归到检查项');

  await check.overview();
  const loose = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '还没归到检查项的照片' }) }).first());
  await loose.saved(1);
  const large = await loose.open(0);
  await large.getByLabel('属于哪一项').selectOption({ index: 1 });
  await large.getByRole('button', { name: '关闭' }).click();
  await loose.saved(0);
  await page.goBack();
  await check.opened();
  await expect(button).toHaveAccessibleName('随手拍');
});

test('a photo that finds no room is said where it was taken', async ({ page, context, server }) => {
  await context.grantPermissions(['camera']);
  await page.addInitScript(() => {
    const commit = IDBTransaction.prototype.commit;
    IDBTransaction.prototype.commit = function () {
      if (sessionStorage.getItem('full') && this.objectStoreNames.contains('blob_chunk')) return this.abort();
      return commit.call(this);
    };
  });
  const field = new Field(page);
  await field.join(server);
  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await page.evaluate(() => sessionStorage.setItem('full', 'yes'));
  await page.getByRole('button', { name: '随手拍' }).click();
  const camera = page.getByRole('dialog', { name: '拍照' });
  await camera.getByRole('button', { name: '按下快门' }).click();
  const failed = page.getByRole('dialog', { name: '还没归到检查项的照片和取证' });
  await expect(failed.getByRole('alert')).toContainText('没存上');
  await page.evaluate(() => sessionStorage.removeItem('full'));
  await failed.getByRole('button', { name: '再存一次' }).click();
  await expect(failed).toBeHidden();
  await camera.getByRole('button', { name: '拍好了' }).click();
  await expect(page.getByRole('button', { name: '随手拍，1 件还没归到检查项' })).toBeVisible();
});
