// The field app for everybody: axe on every screen, by keyboard alone, with targets that gloves hit.
import { test, expect } from '../fixtures/test.ts';
import { smallTargets, violations } from '../fixtures/axe.ts';
import { Field } from '../pages/field.ts';
import { fieldScreens, furnish, speak, strangerScreens } from '../pages/screens.ts';

// Pictures of each step would take longer than the steps.
test.use({ demo: true });

test('axe finds nothing before enrolment', async ({ page, server, watch }) => {
  watch.allow(/status of 401/);
  for (const language of ['zh', 'en'] as const) {
    await page.goto('/');
    await speak(page, language);
    for (const screen of strangerScreens(server)) {
      await screen.open(page);
      expect.soft(await violations(page), `${screen.name}, ${language}`).toEqual([]);
    }
  }
});

test('axe finds nothing on any screen, in both languages and all themes', async ({ page, server }) => {
  test.setTimeout(180_000);
  const field = new Field(page);
  await field.join(server);
  const furnished = await furnish(field);
  for (const language of ['zh', 'en'] as const) {
    await speak(page, language);
    for (const screen of fieldScreens(furnished)) {
      await screen.open(page);
      await expect(page.locator('html')).toHaveAttribute('lang', language === 'zh' ? 'zh-CN' : 'en');
      expect.soft(await violations(page), `${screen.name}, ${language}`).toEqual([]);
      expect.soft(await smallTargets(page), `${screen.name}, ${language}: targets below 48 px`).toEqual([]);
    }
  }
});

test('one item by keyboard alone', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const [gate] = await check.open();
  await check.row(gate!.id).getByRole('radio').first().focus();
  await page.keyboard.press('Space');
  await expect(check.row(gate!.id).getByRole('radio', { name: '是' })).toBeChecked();
  const item = (await check.open()).find((row) => row.kind === 'check')!;
  const row = check.row(item.id);
  // The next unanswered item comes under the focus by the dock.
  await page.getByRole('button', { name: '下一项未答' }).focus();
  await page.keyboard.press('Enter');
  await expect(row.getByRole('radio', { name: '合格', exact: true })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(row.getByRole('radio', { name: '不合格' })).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(row.getByRole('button', { name: '还差' })).toBeFocused();
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: '不合格' });
  await expect(sheet).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(row.getByRole('button', { name: '还差' })).toBeFocused();
  await check.saved();
});

test('the status speaks and the heading takes the focus on a new page', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  await field.go('我的');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page.locator('[aria-live=polite]', { has: field.sync })).toHaveCount(1);
});
