// A phone whose clock is off by ten years: nothing waits for it, and nobody takes its time for true.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test, expect, prepare } from '../fixtures/test.ts';
import { binary } from '../fixtures/server.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { failed, Photos } from '../pages/photos.ts';

test.use({ demo: true });

const years = 10 * 365.25 * 24 * 60 * 60 * 1000;

for (const [words, off] of [
  ['ahead', years],
  ['behind', -years],
] as const) {
  test(`a clock ten years ${words}: photos, signatures and delivery go on, and the difference is shown`, async ({ page, context, browser, server }, info) => {
    test.setTimeout(120_000);
    await context.grantPermissions(['camera']);
    await page.addInitScript((off) => {
      const Real = Date;
      const now = () => Real.now() + off;
      // What asks for another time than now gets it as ever.
      window.Date = new Proxy(Real, {
        construct: (_, given) => (given.length ? Reflect.construct(Real, given) : new Real(now())),
        get: (_, name) => (name === 'now' ? now : Reflect.get(Real, name)),
      });
    }, off);
    const field = new Field(page);
    await field.join(server);
    const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
    const photos = await failed(check);
    await photos.take(1);
    await page.getByRole('button', { name: '记好了' }).click();
    await check.saved();
    const overview = await check.overview();
    await overview.checkedInPart('虚构：只看了门口');
    await overview.fillPeople();
    const record = await overview.seal();
    await field.delivered();
    const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
    const large = await sealed.open(0);
    // The year in the page's zone.
    const year = (at: number) => String(new Date(at + 8 * 3_600_000).getUTCFullYear());
    const shown = year(Date.now() + off);
    await expect(large.getByText('拍摄时间（设备时钟）').locator('xpath=following-sibling::*[1]')).toContainText(shown);
    await expect(large.getByText(/按服务器估计/)).toContainText(year(Date.now()));
    await large.getByRole('button', { name: '关闭' }).click();
    await page.goto('/me');
    await expect(page.getByText('时钟相差超过 2 分钟，请校准手机时间；记录照样能存、能送。')).toBeVisible();

    const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    (await prepare(desk)).allow(/status of 401 .*\/api\/v1\/session\)/);
    const office = new Office(await desk.newPage());
    await office.signIn(server, 'supervisor');
    await office.page.goto(`${server.url}/office/records/${record}`);
    await expect(office.page.getByText('设备时钟相差超过 2 分钟').first()).toBeVisible();
    await office.page.goto(`${server.url}/office/`);
    const zip = info.outputPath('export.zip');
    await office.exportAll(zip);
    const verify = await promisify(execFile)(binary, ['verify', zip, '--trust', await office.thumbprint()]);
    expect(verify.stdout).toMatch(/good: 1 record/);
    await desk.close();
  });
}
