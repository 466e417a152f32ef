// The server has committed and the phone never hears of it: each event exactly once, and "delivered"
// only with receipts.
import { test, expect } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true, network: 'faults' });

test('an answer that is lost after the commit, five times in a row, doubles nothing', async ({
  page,
  context,
  server,
  faults,
  watch,
}) => {
  test.setTimeout(90_000);
  watch.allow(/ERR_EMPTY_RESPONSE|ERR_CONNECTION_(RESET|CLOSED|REFUSED)|ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  const field = new Field(page);
  await field.join(server, faults.url);
  await context.setOffline(true);
  for (const site of ['示例便利店05', '示例公寓07']) {
    await field.start({ site, checklists: ['电动自行车停放充电'] });
    const overview = await new Check(page).overview();
    await overview.checkedInPart('停电，改天再查（虚构）');
    await overview.fillPeople();
    await overview.seal();
  }
  await expect(field.sync).toHaveAttribute('data-count', '6');

  await page.goto('/me');
  let all = false;
  const lost = faults.loseNextResponse('POST /api/v1/sync/push', 5).then(() => (all = true));
  await context.setOffline(false);
  // The back-off may have grown to many seconds: a person asks again, as often as it takes.
  await expect(async () => {
    if (!all) await page.getByRole('button', { name: '现在送出' }).click();
    const state = await field.sync.getAttribute('data-state');
    expect(all || state !== 'delivered', 'delivered without a receipt').toBe(true);
    expect(all).toBe(true);
  }).toPass({ timeout: 45_000, intervals: [500] });
  await lost;
  await expect(async () => {
    const now = page.getByRole('button', { name: '现在送出' });
    if (await now.isVisible()) await now.click();
    await expect(field.sync).toHaveAttribute('data-state', 'delivered', { timeout: 2_000 });
  }).toPass({ timeout: 45_000 });
  await field.delivered();

  const truth = await Truth.of(server);
  await truth.holdsExactly(4);
  await truth.close();
});

test('a network that breaks and comes back by itself is enough', async ({ page, server, faults, watch }) => {
  watch.allow(/ERR_/);
  const field = new Field(page);
  await field.join(server, faults.url);
  faults.cut();
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await expect(field.sync).not.toHaveAttribute('data-state', 'delivered');
  await expect(field.sync).toHaveAttribute('data-count', '1');
  faults.mend();
  // Nobody touches anything: the back-off alone brings it there.
  await field.sent(45_000);
  await check.opened();
  const truth = await Truth.of(server);
  await truth.holdsExactly(1);
  await truth.close();
});

test('a server that cannot be reached is asked less and less often', async ({ page, server, faults, watch }) => {
  watch.allow(/ERR_/);
  const field = new Field(page);
  await field.join(server, faults.url);
  await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  await field.sent();
  faults.cut();
  const asked: number[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/sync/push')) asked.push(Date.now());
  });
  // A start looks at the server's log before it sends anything.
  await page.goto('/');
  await field.start({ site: '示例公寓07', checklists: ['电动自行车停放充电'] });
  await expect(async () => expect(asked.length).toBeGreaterThan(5)).toPass({ timeout: 60_000 });
  // Whatever wakes it meanwhile, no try follows the one before at once more than twice in a row.
  const pauses = asked.slice(1).map((at, i) => at - asked[i]!);
  const hasty = pauses.map((pause) => pause < 200);
  expect(hasty.some((_, i) => hasty[i] && hasty[i + 1] && hasty[i + 2]), pauses.join(' ')).toBe(false);
  faults.mend();
  await field.sent(60_000);
});
