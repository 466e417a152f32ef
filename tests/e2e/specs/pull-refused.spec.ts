// A server that gives nothing more to an old app (426) takes what that app records all the same.
import { test, expect } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

test('an app that is too old for downloads says so, and its records are delivered', async ({ page, context, server, watch }) => {
  watch.allow(/status of 426/);
  const field = new Field(page);
  await field.join(server);
  let asked = 0;
  await context.route('**/api/v1/sync/pull**', (route) => {
    asked += 1;
    const body = { code: 'too_old', status: 426, title: 'update the app' };
    return route.fulfill({ status: 426, contentType: 'application/problem+json', body: JSON.stringify(body) });
  });
  await page.reload();
  const title = page.getByText('应用太旧，服务器不再给它下载');
  await expect(title).toBeVisible();
  const open = page.getByRole('link', { name: '去更新' });
  await open.click();
  await expect(page).toHaveURL(/\/me$/);
  await expect(title).toBeVisible();
  await expect(open, 'it leads nowhere from here').toBeHidden();

  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const overview = await new Check(page).overview();
  await overview.checkedInPart('停电，改天再查（虚构）');
  await overview.fillPeople();
  await overview.seal();
  await field.delivered();
  await page.goto('/me');
  await expect(title).toBeVisible();
  await field.delivered();
  // Once for each time that the app was loaded, and not again and again.
  expect(asked).toBeLessThanOrEqual(4);
  const truth = await Truth.of(server);
  await truth.holdsExactly(2);
  await truth.close();

  await context.unroute('**/api/v1/sync/pull**');
  await page.reload();
  await expect(page.getByText('已登录')).toBeVisible();
  await expect(title).toBeHidden();
});
