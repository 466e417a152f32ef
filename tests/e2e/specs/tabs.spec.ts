// Two tabs of one person: one writes, the other one says so; whoever takes over loses nothing.
import { test, expect } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';
import { Overview } from '../pages/overview.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };

test('the second tab only reads until it takes over, and no answer is lost', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  const first = await field.start(visit);
  const [gate] = await first.open();
  await first.tap(gate!.id, '是');
  const rows = (await first.open()).filter((row) => row.kind === 'check');
  await first.tap(rows[0]!.id, '合格');
  await first.saved();

  const other = await context.newPage();
  await other.goto(page.url());
  const second = new Check(other);
  await second.opened();
  await expect(other.getByRole('heading', { name: '这份检查正在另一个窗口里填写' })).toBeVisible();
  await expect(second.row(rows[0]!.id).getByRole('radio', { name: '合格', exact: true })).toBeChecked();
  await expect(second.row(rows[1]!.id).getByRole('radio', { name: '合格', exact: true })).toBeDisabled();

  // An answer and a take-over at the same moment: the answer reaches the disk or stays on screen.
  await first.tap(rows[1]!.id, '不适用');
  await other.getByRole('button', { name: '在这里接手' }).click();
  await expect(page.getByRole('heading', { name: '另一个窗口接手了这份检查' })).toBeVisible();
  await second.opened();
  await expect(second.row(rows[1]!.id).getByRole('radio', { name: '不适用' })).toBeChecked();
  await expect(first.row(rows[1]!.id).getByRole('radio', { name: '合格', exact: true })).toBeDisabled();
  await second.tap(rows[2]!.id, '合格');
  await second.saved();

  await page.getByRole('button', { name: '在这里接手' }).click();
  await first.opened();
  for (const [at, word] of ['合格', '不适用', '合格'].entries()) {
    await expect(first.row(rows[at]!.id).getByRole('radio', { name: word, exact: true })).toBeChecked();
  }
});

test('two tabs that seal at once make one seal', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const overview = await check.overview();
  await overview.checkedInPart('虚构的原因');
  await overview.fillPeople();
  await check.saved();

  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole('button', { name: '在这里接手' }).click();
  const second = new Overview(other);
  await second.ask();
  // Taken back, so that the question stands open in both.
  await page.getByRole('button', { name: '在这里接手' }).click();
  await overview.ask();
  await Promise.all([overview.confirm(), second.confirm()]);

  await page.waitForURL(/\/records\//);
  await expect(page.getByText('已封存，只能更正').first()).toBeVisible();
  await field.delivered();
  const truth = await Truth.of(server);
  await truth.holdsExactly(2);
  expect((await truth.events()).map((event) => event.kind)).toEqual(['started', 'sealed']);
  await truth.close();
});

test('one tab sends for both', async ({ page, context, server }) => {
  const field = new Field(page);
  await field.join(server);
  const other = await context.newPage();
  await other.goto('/');
  const second = new Field(other);
  await second.start(visit);
  await second.sent();
  await page.bringToFront();
  await field.sent();
  const truth = await Truth.of(server);
  await truth.holdsExactly(1);
  await truth.close();
});
