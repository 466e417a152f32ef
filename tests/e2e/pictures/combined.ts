// Makes the pictures of docs/combined.md: three visits over several checklists, from the choice to the record. Sites, names and
// findings are invented: `npm run pictures`.
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { test } from '../fixtures/test.ts';
import type { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

const out = resolve(import.meta.dirname, '../../../docs/pictures');

interface Combined {
  name: string;
  site: string;
  checklists: string[];
  /** The section that is answered for each of several things, what they are called, and what is found at the second. */
  each?: { section: string; names: string[] };
  fact: string;
}

const visits: Combined[] = [
  {
    name: 'market',
    site: '示例农贸市场41',
    checklists: ['农贸市场、商铺和餐饮', '九小场所和多业态混合场所', '城镇燃气、瓶装气', '电动自行车停放充电'],
    fact: '水产区通道堆放泡沫箱（虚构）',
  },
  {
    name: 'factories',
    site: '示例厂房园区42',
    checklists: ['厂中厂（厂房出租、一厂多租）', '动火作业'],
    each: { section: '承租方（逐户）', names: ['虚构五金加工厂，一层东侧', '虚构塑料制品厂，二层西侧'] },
    fact: '通往楼梯的门被货架挡住（虚构）',
  },
  {
    name: 'flat',
    site: '示例出租房43',
    checklists: ['租赁住房和群租房', '城镇燃气、瓶装气', '电动自行车停放充电'],
    each: { section: '房间（逐间）', names: ['虚构 101', '虚构 102', '虚构 201', '虚构 202', '虚构 203'] },
    fact: '窗外装了没有活动口的栅栏（虚构）',
  },
];

async function shot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: join(out, `combined-${name}.png`) });
}

async function top(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { name: heading }).first().evaluate((element) => element.scrollIntoView({ block: 'center' }));
}

/** Finds something wrong: with the second of several things, or at the first item where nothing repeats. */
async function find(check: Check, { each, fact }: Combined): Promise<void> {
  const finding = { fact, responsible: '虚构负责人己' };
  let wrong = (await check.open()).find((row) => row.kind === 'check')!;
  if (each) {
    await check.addInstances(each.section, each.names.length);
    wrong = await check.failSecond(each.names, finding);
  } else {
    await check.tap(wrong.id, '不合格');
    await check.record(wrong.id, finding);
  }
  await check.saved();
  await check.row(wrong.id).evaluate((row) => row.scrollIntoView({ block: 'center' }));
}

for (const visit of visits) {
  test(`pictures of a combined visit: ${visit.name}`, async ({ browser, server }) => {
    test.setTimeout(180_000);
    const phone = await browser.newContext({
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      colorScheme: 'light',
      baseURL: server.url,
      viewport: { width: 360, height: 640 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
    });
    const page = await phone.newPage();
    const field = new Field(page);
    await field.join(server);
    await page.getByRole('link', { name: '开始检查' }).click();
    await page.getByRole('searchbox').fill(visit.site);
    await page.getByRole('button', { name: visit.site }).click();
    await top(page, '检查表');
    await shot(page, `${visit.name}-choice`);
    const check = await field.start(visit);
    await find(check, visit);
    await shot(page, `${visit.name}-check`);
    await check.answerAll([], { fact: visit.fact, responsible: '虚构负责人己' }, 'quick');
    const overview = await check.overview();
    await top(page, /^不合格/);
    await shot(page, `${visit.name}-overview`);
    await overview.fillPeople();
    await overview.seal();
    await field.delivered();
    await page.getByText('服务器备份之前').waitFor();
    await top(page, /^隐患/);
    await shot(page, `${visit.name}-record`);
    await phone.close();
  });
}
