// Takes the pictures of the README from the demo server: `npm run pictures`. Not a test of anything.
import { fileURLToPath } from 'node:url';
import { expect, test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';

test.use({ demo: true });

const picture = (name: string) => fileURLToPath(new URL(`../../../docs/pictures/${name}.png`, import.meta.url));
const finding = { fact: '东侧 1 台除尘器未见泄爆片（虚构）', responsible: '虚构负责人己' };

test('pictures of the README', async ({ page, browser, server }) => {
  test.setTimeout(180_000);
  const field = new Field(page);
  await field.join(server);
  for (const site of ['示例木制品加工厂01', '示例五金抛光车间02', '示例饲料厂03']) {
    const check = await field.start({ site, checklists: ['粉尘涉爆'] });
    await check.answerAll([1, 5], finding, 'quick');
    if (site.endsWith('03')) {
      await page.evaluate(() => scrollTo(0, 0));
      await page.getByRole('radio', { name: '不合格', checked: true }).first().scrollIntoViewIfNeeded();
      await page.screenshot({ path: picture('check') });
    }
    const overview = await check.overview();
    await overview.fillPeople();
    await overview.seal();
  }
  await page.goto('/');
  await field.delivered();
  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await expect(office.rows).toHaveCount(3);
  await office.rows.first().page().screenshot({ path: picture('office') });
});
