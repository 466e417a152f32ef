// One visit over several checklists of a site: what fits is offered first, what they share is asked once and counts in each.
import type { Browser, Locator, Page } from '@playwright/test';
import type { Server } from '../fixtures/server.ts';
import { test, expect, prepare } from '../fixtures/test.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field, type Visit } from '../pages/field.ts';
import { Office } from '../pages/office.ts';

test.use({ demo: true });

const market = '农贸市场、商铺和餐饮';
const venues = '九小场所和多业态混合场所';
const finding = { fact: '现场看到的情况（虚构）', responsible: '虚构负责人己' };

interface Recorded {
  answers: { answers: { item: string; value: { kind: string } }[] }[];
  hazards: { key: { item: string } }[];
}

/** The body of the only sealed event. */
async function sealed(truth: Truth): Promise<Recorded> {
  for (const event of await truth.events()) {
    const payload = JSON.parse(Buffer.from(event.text.split('.')[1]!, 'base64url').toString()) as { body: Recorded };
    if (event.kind === 'sealed') return payload.body;
  }
  throw new Error('nothing is sealed');
}

/** What is done at the office, signed in, on a desk. */
async function atTheOffice(browser: Browser, server: Server, work: (office: Office) => Promise<void>): Promise<void> {
  const desk = await browser.newContext({
    baseURL: server.url,
    viewport: { width: 1280, height: 800 },
    isMobile: false,
    hasTouch: false,
  });
  const watch = await prepare(desk);
  watch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'administrator');
  await work(office);
  expect(watch.unexpected).toEqual([]);
  await desk.close();
}

/** The figures of a part of a record: 合格, 不合格, 不适用, 未查. */
async function figures(part: Locator): Promise<number[]> {
  const all = await part.locator('.figures b').allInnerTexts();
  expect(all).toHaveLength(4);
  return all.map(Number);
}

/** How often each of the four was answered. */
function counted(answers: { value: { kind: string } }[]): number[] {
  const of = (kind: string) => answers.filter((answer) => answer.value.kind === kind).length;
  return ['pass', 'fail', 'not_applicable', 'not_checked'].map(of);
}

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

test('a market: venues, gas and e-bikes in one visit, each question once', async ({ page, browser, server, context, watch }) => {
  test.setTimeout(150_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  await page.goto('/inspect/new');
  await page.getByRole('searchbox').fill('示例农贸市场41');
  await page.getByRole('button', { name: '示例农贸市场41' }).click();
  const usual = page.getByRole('group', { name: '检查表' }).first();
  await expect(usual.getByRole('checkbox').first()).toHaveAccessibleName(new RegExp(market));
  await expect(usual.getByRole('checkbox', { name: '道路运输企业' })).toHaveCount(0);
  const first = await usual.locator('label b').allInnerTexts();
  await page.getByText(/^其他 \d+ 张/).click();
  await expect(page.getByRole('checkbox', { name: '道路运输企业' })).toBeVisible();

  const check = await field.start({
    site: '示例农贸市场41',
    checklists: [market, venues, '城镇燃气、瓶装气', '电动自行车停放充电'],
  });
  const given = await check.answerAll([3], finding, 'quick');
  expect(given.fail).toBe(1);
  const overview = await check.overview();
  await overview.fillPeople();
  await overview.seal();
  await context.setOffline(false);
  await field.delivered();

  const truth = await Truth.of(server);
  const body = await sealed(truth);
  await truth.close();
  expect(body.answers).toHaveLength(4);
  const all = body.answers.flatMap((group) => group.answers.map((answer) => answer.item));
  // FE-36 stands for NM-07 and SV-04: asked by the market's checklist alone.
  expect(all.filter((item) => item === 'FE-36')).toHaveLength(1);
  expect(body.hazards).toHaveLength(1);

  // On the record's page it counts in both.
  await page.goto('/inspect');
  await page.getByRole('link', { name: /示例农贸市场41/ }).first().click();
  for (const title of [market, venues]) {
    const group = page.locator('details', { has: page.getByRole('heading', { name: title }) });
    await group.locator('summary').click();
    await expect(group.getByText('易燃易爆危险品').first()).toBeVisible();
  }

  await atTheOffice(browser, server, async (office) => {
    const desk = office.page;
    await test.step('the office counts it in both, and once in the inspection', async () => {
      await desk.getByRole('link', { name: '示例农贸市场41' }).click();
      await expect(desk.getByRole('heading', { name: '隐患 1' })).toBeVisible();
      const part = (title: string) => desk.locator('section', { has: desk.getByRole('heading', { level: 2, name: title }) });
      const shared = (title: string) => part(title).getByRole('listitem').filter({ hasText: '易燃易爆危险品' }).first();
      await expect(shared(market)).toContainText(`也算在：${venues}`);
      await expect(shared(venues)).toContainText(`也算在：${market}`);
      const answer = await shared(market).locator('.said-answer').innerText();
      expect(await shared(venues).locator('.said-answer').innerText()).toBe(answer);

      const groups = body.answers.map((group) => group.answers);
      expect(await figures(desk.locator('.side'))).toEqual(counted(groups.flat()));
      const here = sum(await figures(part(venues)));
      expect(here).toBeGreaterThan(sum(counted(groups[1]!)));
      expect(here).toBe(await part(venues).locator('.said-answer .tag:not([data-tone=info])').count());
    });

    await test.step('the register says beforehand what the phone lists first', async () => {
      await office.go('单位');
      await desk.getByRole('searchbox').fill('示例农贸市场41');
      const row = desk.getByRole('row').filter({ hasText: '示例农贸市场41' });
      await row.getByRole('button', { name: '修改单位' }).click();
      await expect(desk.getByLabel('类别')).toHaveAccessibleDescription(`适用的检查表，手机上先列出：${first.join(' · ')}`);
    });
  });
});

test('what a category means is said where it is typed', async ({ browser, server }) => {
  await atTheOffice(browser, server, async (office) => {
    const { page } = office;
    await office.go('单位');
    await page.getByRole('button', { name: '添加单位' }).click();
    const sheet = page.getByRole('dialog', { name: '添加单位' });
    const category = sheet.getByRole('combobox', { name: '类别' });
    await expect(category).toHaveAccessibleDescription('没有写类别：手机上所有检查表列在一起。');
    // The known kinds are suggested; anything may be typed.
    const kinds = await sheet.locator('datalist option').evaluateAll((all) => all.map((kind) => kind.getAttribute('value')));
    expect(kinds).toContain('农贸市场');
    await category.fill('农贸市场');
    await expect(category).toHaveAccessibleDescription(new RegExp(`^适用的检查表，手机上先列出：${market} · `));
    await category.fill('示例的没有的类别');
    await expect(category).toHaveAccessibleDescription('没有认得的类别：手机上所有检查表列在一起。');
    await sheet.getByRole('checkbox', { name: '道路运输企业' }).check();
    await expect(category).toHaveAccessibleDescription('手机上先列出指定的检查表：道路运输企业');
  });
});

/** Walks a visit with so many instances of one section, and seals it; the record as the server has it. */
async function walked(page: Page, server: Server, visit: Visit, section: string, count: number, names: string[] = []): Promise<Recorded> {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  await check.addInstances(section, count);
  if (names.length > 0) await check.failSecond(names, finding);
  const given = await check.answerAll([], finding, 'quick');
  expect(given.fail).toBe(0);
  const overview = await check.overview();
  await overview.fillPeople();
  await overview.seal();
  await field.delivered();
  const truth = await Truth.of(server);
  const body = await sealed(truth);
  await truth.close();
  return body;
}

test('a host of factories with two tenants, each answered for itself', async ({ page, browser, server }) => {
  test.setTimeout(120_000);
  const visit = { site: '示例厂房园区42', checklists: ['厂中厂（厂房出租、一厂多租）', '动火作业'] };
  const names = ['虚构五金加工厂，一层', '虚构塑料制品厂，二层'];
  const body = await walked(page, server, visit, '承租方（逐户）', 2, names);
  const outcome = body.answers[0]!.answers.filter((answer) => answer.item === 'SF-17-outcome');
  expect(outcome).toHaveLength(2);

  // Whose it is stands with the hazard, on the phone and at the office.
  const whose = `承租户 2 · ${names[1]}`;
  await expect(page.getByRole('listitem').filter({ hasText: finding.fact })).toContainText(whose);
  await page.goto('/hazards');
  await expect(page.getByRole('listitem').filter({ hasText: finding.fact })).toContainText(whose);
  await atTheOffice(browser, server, async ({ page: desk }) => {
    await desk.getByRole('link', { name: visit.site }).click();
    await expect(desk.getByRole('listitem').filter({ hasText: finding.fact }).first()).toContainText(whose);
    await expect(desk.getByRole('heading', { name: `承租方（逐户） · ${whose}` })).toBeVisible();
  });
});

test('a rented flat with five rooms', async ({ page, server }) => {
  test.setTimeout(120_000);
  const visit = { site: '示例出租房43', checklists: ['租赁住房和群租房', '城镇燃气、瓶装气', '电动自行车停放充电'] };
  const body = await walked(page, server, visit, '房间（逐间）', 5);
  const rooms = body.answers[0]!.answers.filter((answer) => answer.item === 'RH-06');
  expect(rooms).toHaveLength(5);
});
