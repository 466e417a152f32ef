// The pages that come as a second file: while it is on its way, or cannot come, nobody is left without a way out.
import { expect, test } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

const second = '**/split_later*.wasm';

test('a second file that does not arrive is said, with a way out and a retry that works', async ({
  context,
  page,
  server,
  watch,
}) => {
  watch.allow(/ERR_FAILED|Failed to fetch/);
  await context.route(second, (route) => route.abort());
  const field = new Field(page);
  await field.joinEarly(server);

  for (const place of ['检查', '隐患', '单位', '我的'] as const) {
    await field.go(place);
    await expect(page.getByRole('heading', { level: 1, name: '这一页还没有下载' })).toBeVisible();
  }
  await field.go('今日');
  await expect(page.getByRole('link', { name: '开始检查' })).toBeVisible();
  await expect(page.getByText('这里有一部分还没有下载')).toHaveCount(1);

  await field.go('我的');
  const again = page.getByRole('button', { name: '再试一次' });
  await expect(again).toBeVisible();
  await context.unroute(second);
  // What else comes from the network makes the page ask by itself, and then the button goes; a tap on it is enough all the same.
  await expect(async () => {
    if (await again.isVisible()) await again.dispatchEvent('click', {}, { timeout: 500 });
    await expect(page.getByRole('heading', { level: 1, name: '我的' })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole('heading', { level: 1, name: '我的' })).toBeVisible();
});

test('while the second file is on its way the page says so and the bar works', async ({ context, page, server }) => {
  let arrive = (): void => {};
  const arrives = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await context.route(second, async (route) => {
    await arrives;
    await route.continue();
  });
  const field = new Field(page);
  await field.joinEarly(server);
  await field.go('单位');
  await expect(page.getByRole('status').getByText('正在打开…')).toBeVisible();
  await field.go('今日');
  await expect(page.getByRole('link', { name: '开始检查' })).toBeVisible();
  await field.go('单位');
  arrive();
  await expect(page.getByRole('searchbox')).toBeVisible();
});

test('the first checklist is begun, answered and saved without the second file', async ({ context, page, server, watch }) => {
  watch.allow(/ERR_FAILED|Failed to fetch/);
  await context.route(second, (route) => route.abort());
  const field = new Field(page);
  await field.joinEarly(server);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  const [item] = (await check.open()).filter((row) => row.kind === 'check');
  await check.tap(item!.id, '不合格');
  await check.saved();

  // The finding waits for its form; nothing of the answer does.
  await check.row(item!.id).getByRole('button', { name: '还差' }).click();
  const sheet = page.getByRole('dialog', { name: '不合格' });
  await expect(sheet.getByText('这里有一部分还没有下载')).toBeVisible();
  await context.unroute(second);
  await sheet.getByRole('button', { name: '再试一次' }).click();
  await expect(sheet.getByLabel('看到了什么')).toBeVisible();
});

test('the first checklist is begun while the others are still on their way', async ({ context, page, server }) => {
  let arrive = (): void => {};
  const arrives = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await context.route(/sync\/pull\?stream=checklists&cursor=./, async (route) => {
    await arrives;
    await route.continue();
  });
  const field = new Field(page);
  await field.joinEarly(server);
  await expect(page.getByText('还不能离线使用')).toBeVisible();
  const check = await field.start({ site: '示例临时摊位', typed: true, checklists: [/./] });
  const [first] = await check.open();
  await check.tap(first!.id, first!.kind === 'check' ? '合格' : '是');
  await check.saved();

  arrive();
  await page.goto('/');
  await field.readyForOffline();
});

test('a first download that broke off behind the first checklist lets work begin, and goes on by itself', async ({
  context,
  page,
  server,
  watch,
}) => {
  watch.allow(/ERR_FAILED/);
  const later = /sync\/pull\?stream=checklists&cursor=./;
  await context.route(later, (route) => route.abort());
  const field = new Field(page);
  const link = (await server.line(/^invite inspector: (\S+)/))[1]!;
  await field.accept(link);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('button', { name: '再试一次' })).toBeVisible();
  await page.getByRole('button', { name: '先用起来' }).click();
  await field.start({ site: '示例临时摊位', typed: true, checklists: [/./] });
  await page.goto('/');
  await expect(page.getByText('检查表还没下载完')).toBeVisible();

  await context.unroute(later);
  await page.reload();
  await field.readyForOffline();
});

test('sending starts by itself once the network brings the second file', async ({ context, page, server, watch }) => {
  watch.allow(/ERR_FAILED|Failed to fetch|ERR_INTERNET_DISCONNECTED/);
  await context.route(second, (route) => route.abort());
  const field = new Field(page);
  await field.joinEarly(server);
  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await context.unroute(second);
  const truth = await Truth.of(server);
  await context.setOffline(true);
  await context.setOffline(false);
  await expect(() => truth.holdsExactly(1)).toPass({ timeout: 30_000 });
  await truth.close();
});
