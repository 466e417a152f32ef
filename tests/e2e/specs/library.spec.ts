// The library of checklists: what is on the phone, on what it rests, and a search without a network.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

test('every item can be looked up without a network, in both languages', async ({ page, context, server, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  await field.go('我的');
  await page.getByRole('link', { name: '检查表、依据和出处' }).click();
  const gas = page.locator('details', { hasText: '城镇燃气、瓶装气' });
  await expect(gas).toContainText(/条文已核对 \d+ 处，未核对 \d+ 处/);
  await gas.locator('summary').click();
  await expect(gas.getByText('TG-11')).toBeVisible();
  await expect(gas.getByText('条文未核对').first()).toBeVisible();

  const search = page.getByRole('searchbox');
  await search.fill('tg-11');
  await expect(page.getByRole('heading', { name: /^找到 \d+ 项$/ })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'TG-11' })).toHaveCount(1);
  await search.fill('alarm gas');
  await expect(page.getByRole('listitem').filter({ hasText: 'TG-11' })).toHaveCount(1);
  // Combustible dust is on the phone in its second version, which takes over the first.
  await search.fill('DE-05');
  await expect(page.getByRole('listitem').filter({ hasText: 'DE-05' }).first()).toBeVisible();
  await search.fill('没有这样的词');
  await expect(page.getByRole('heading', { name: '没有找到' })).toBeVisible();
});
