// Makes the pictures of the README from the demo server: `npm run pictures`. Everything on them is
// invented by `serve --demo`.
import { join, resolve } from 'node:path';
import { test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';

test.use({ demo: true });

const out = resolve(import.meta.dirname, '../../../docs/pictures');
const look = { locale: 'zh-CN', timezoneId: 'Asia/Shanghai', colorScheme: 'light' as const };
const fact = '二层楼梯口堆放纸箱，占去约一半宽度';

test('pictures of the check page and the office', async ({ browser, server }) => {
  test.setTimeout(180_000);
  const phone = await browser.newContext({
    ...look,
    baseURL: server.url,
    viewport: { width: 360, height: 640 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  const field = new Field(await phone.newPage());
  await field.join(server);
  const visits: [string, string][] = [
    ['示例便利店05', '电动自行车停放充电'],
    ['示例餐馆06', '安全出口、疏散与消防设施'],
    ['示例木制品加工厂01', '粉尘涉爆'],
    ['示例公寓07', '电动自行车停放充电'],
  ];
  for (const [at, [site, checklist]] of visits.entries()) {
    const check = await field.start({ site, checklists: [checklist] });
    await check.answerAll([2 + at, 7, 9 + 2 * at].slice(at % 3), { fact, responsible: '虚构负责人己' }, 'quick');
    const overview = await check.overview();
    await overview.fillPeople();
    await overview.seal();
  }
  const check = await field.start({ site: '示例宾馆09', checklists: ['安全出口、疏散与消防设施'] });
  await check.rings.nth(1).click();
  const rows = (await check.open()).filter((row) => row.kind === 'check');
  await check.tap(rows[0]!.id, '合格');
  await check.tap(rows[1]!.id, '不合格');
  await check.record(rows[1]!.id, { fact, responsible: '虚构负责人己' });
  await check.saved();
  await check.row(rows[0]!.id).evaluate((row) => row.scrollIntoView({ block: 'start' }));
  await field.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await field.page.screenshot({ path: join(out, 'check.png') });
  await field.page.goto('/');
  await field.sent();

  const desk = await browser.newContext({ ...look, viewport: { width: 1280, height: 800 } });
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.rows.first().waitFor();
  await office.page.screenshot({ path: join(out, 'office.png') });
});
