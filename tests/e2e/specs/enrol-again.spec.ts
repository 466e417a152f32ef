// A server that does not accept a device's certificate any more, as after a restore that went wrong: the person
// enrols again, and what never got a receipt is neither lost nor called delivered.
import { expect, test } from '../fixtures/test.ts';
import { Server } from '../fixtures/server.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

test('a device whose certificate is refused enrols again, and what never got a receipt is named', async ({
  page,
  context,
  server,
  watch,
}) => {
  watch.allow(/status of 401/);
  const field = new Field(page);
  await field.join(server);
  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await field.sent();

  // From now on another server answers what comes under the old certificate: it knows nothing of it.
  const other = await Server.start({ demo: true });
  let old: string | undefined;
  await context.route('**/api/v1/sync/push', async (route) => {
    const push = route.request().postDataJSON() as { certificate: string };
    old ??= push.certificate;
    if (push.certificate !== old) return route.continue();
    const response = await context.request.post(`${other.url}/api/v1/sync/push`, { data: push });
    expect(response.status()).toBe(401);
    await route.fulfill({ response });
  });

  await field.start({ site: '示例公寓07', checklists: ['电动自行车停放充电'] });
  await page.goto('/');
  await expect(page.getByText('服务器不认这台设备的证书')).toBeVisible();
  await page.getByRole('link', { name: '重新登记这台设备' }).click();
  await page.getByRole('button', { name: '重新登记' }).click();
  await expect(page.getByText('1 条重新登记之前的记录没有回执')).toBeVisible();

  // Both drafts came along, and the new enrolment sends.
  await expect(page.getByRole('link', { name: '示例公寓07' })).toBeVisible();
  await expect(page.getByRole('link', { name: '示例便利店05' })).toBeVisible();
  await field.start({ site: '示例便利店15', checklists: ['电动自行车停放充电'] });
  const truth = await Truth.of(server);
  await expect(async () => {
    const sites = (await truth.records()).map((record) => record.site_name);
    expect(sites.sort()).toEqual(['示例便利店05', '示例便利店15']);
  }).toPass();
  await truth.close();

  await page.goto('/');
  await page.getByRole('link', { name: '查看' }).click();
  await expect(page.getByRole('link', { name: /示例公寓07/ })).toBeVisible();
  // What still goes out under the old certificate is answered before its server goes.
  await context.unrouteAll({ behavior: 'wait' });
  await other.remove();
});
