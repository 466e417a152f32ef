// From an empty data folder to the first inspection, as whoever sets the server up does it: the
// one-time link of the first start, an administrator, a site, an invited inspector on a phone.
import { test, expect, prepare, Server } from '../fixtures/test.ts';
import { Check } from '../pages/check.ts';
import { Field, password } from '../pages/field.ts';
import { Office } from '../pages/office.ts';

const administrator = { name: '示例管理员辛', login: 'xin.shili', password };
const inspector = { name: '示例检查员壬', login: 'ren.shili', regions: '*' };
const site = { name: '示例五金加工厂11', address: '示例区虚构路 11 号', region: '示例镇' };
const fire = '安全出口、疏散与消防设施';

const first = /^first administrator: (\S+)$/;
// Chromium logs by itself what the server refuses.
const nobodySignedIn = /status of 401 .*\/api\/v1\/session\)/;
const linkRefused = /status of 4\d\d .*\/api\/v1\/invites\/look\)/;

/** The one-time links that a server printed. */
function links(server: Server): string[] {
  return server.lines.flatMap((line) => first.exec(line)?.[1] ?? []);
}

test('an empty server leads from its one-time link to a first inspection on a phone', async ({
  page: phone,
  browser,
  server,
  watch,
}) => {
  test.setTimeout(120_000);
  await server.line(first);
  const [link, ...more] = links(server);
  expect(more, 'printed once').toEqual([]);

  const desk = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    isMobile: false,
    hasTouch: false,
  });
  const deskWatch = await prepare(desk);
  deskWatch.allow(nobodySignedIn);
  const office = new Office(await desk.newPage());

  const invite = await test.step('the administrator', async () => {
    await office.becomeFirst(link!, administrator);
    await office.addSite(site);
    const made = await office.invite(inspector);
    // Trying out on the loopback: no phone gets here, and the office says so where links and codes are.
    await expect(office.page.getByText('手机用不了现在的地址').first()).toBeVisible();
    return made;
  });

  const field = new Field(phone);
  await test.step('the inspector', async () => {
    await field.joinBy(invite);
    await field.readyForOffline();
    await expect(phone.getByText('单位 1 家')).toBeVisible();
    const check = await field.start({ site: site.name, checklists: [fire] });
    await answerSome(check);
    // The answers stay on the phone until the seal; what was sent says that an inspection began.
    await field.sent();
  });

  await test.step('the office knows person and device', async () => {
    await office.page.reload();
    await expect(office.person(inspector.name)).toContainText('检查员');
    await expect(office.person(inspector.name)).toContainText('在用，设备 1');
    await expect(office.device(inspector.name)).toHaveCount(1);
    await expect(office.device(inspector.name)).toContainText('收到第 1 号');
    await expect(office.device(inspector.name)).toContainText('正常');
  });

  await test.step('both links are used up', async () => {
    const stranger = await browser.newContext();
    const strangerWatch = await prepare(stranger);
    strangerWatch.allow(nobodySignedIn, linkRefused);
    const page = await stranger.newPage();
    for (const used of [link!, invite]) {
      await page.goto('about:blank');
      await page.goto(used);
      await expect(page.getByText('这个链接已经用过、过期或不完整')).toBeVisible();
      await expect(page.locator('input[type=password]')).toHaveCount(0);
    }
    expect(strangerWatch.unexpected).toEqual([]);
    await stranger.close();
  });

  await test.step('a restarted server prints no further link', async () => {
    // The answer that was under way when the server went is of no account here.
    watch.allow(/ERR_CONNECTION_REFUSED/);
    deskWatch.allow(/ERR_CONNECTION_REFUSED/);
    await server.stop();
    const again = await Server.start({ dataDir: server.dataDir, listen: server.address });
    await office.page.goto(`${again.url}/office/`);
    await expect(office.row(phone.url().slice(-36))).toBeVisible();
    expect(links(again)).toEqual([]);
    await again.stop();
  });

  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});

test('until there is an administrator, each start makes a new link and ends the one before', async ({
  page,
  server,
  watch,
}) => {
  watch.allow(nobodySignedIn, linkRefused);
  const old = (await server.line(first))[1]!;
  await server.stop();
  const again = await Server.start({ dataDir: server.dataDir, listen: server.address });
  const link = (await again.line(first))[1]!;
  expect(link).not.toBe(old);
  await page.goto(old);
  await expect(page.getByText('这个链接已经用过、过期或不完整')).toBeVisible();
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByLabel('姓名')).toBeVisible();
  await again.stop();
});

/** What the place is; then of the exits one item passes, one fails, one does not apply. */
async function answerSome(check: Check): Promise<void> {
  await check.rows.getByRole('checkbox', { name: '厂房' }).check();
  await check.rings.nth(2).click();
  await expect(check.rings.nth(2)).toHaveAttribute('aria-current', 'true');
  await expect(check.rows.getByRole('radio', { name: '合格', exact: true }).nth(2)).toBeVisible();
  const items = (await check.open()).filter((row) => row.kind === 'check');
  for (const [at, word] of ['合格', '不合格', '不适用'].entries()) await check.tap(items[at]!.id, word);
  await check.saved();
}
