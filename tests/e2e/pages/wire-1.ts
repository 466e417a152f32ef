// The field app as it was at the tag `wire-1`: the main way through it, in its words. They stay as they are, whatever today's app says.
import { expect, type Locator, type Page } from '@playwright/test';

const password = 'yi-ge-xuni-mima-7';
const people = ['示例检查员甲（手机）', '示例检查员戊', '虚构负责人己'] as const;

/** A page of that app. */
export class OldField {
  readonly save: Locator;
  readonly sync: Locator;

  constructor(readonly page: Page) {
    this.save = page.getByTestId('save-status');
    this.sync = page.getByTestId('sync-status');
  }

  /** From a one-time link to 今日, ready for offline work. */
  async join(link: string): Promise<void> {
    const { page } = this;
    await page.goto(link);
    await page.getByLabel('设一个密码').fill(password);
    await page.getByLabel('再输一遍').fill(password);
    await page.getByRole('button', { name: '加入' }).click();
    await page.getByRole('button', { name: '开始使用' }).click({ timeout: 20_000 });
    await expect(page.getByText('可离线使用 ✓')).toBeVisible({ timeout: 20_000 });
  }

  /** The build hash of the app on screen. */
  async build(): Promise<string> {
    return (await this.page.locator('meta[name="build"]').getAttribute('content'))!;
  }

  /** Begins an inspection of a site of the demo. */
  async start(site: string, checklist: string): Promise<void> {
    const { page } = this;
    await page.goto('/');
    await page.getByRole('link', { name: '开始检查' }).click();
    await page.getByRole('searchbox').fill(site);
    await page.getByRole('button', { name: site }).click();
    await page.getByRole('group', { name: '检查表' }).getByRole('checkbox', { name: checklist }).check();
    await page.getByRole('button', { name: '开始检查' }).click();
    await page.waitForURL(/\/inspect\/[0-9a-f-]{36}$/);
    await page.getByRole('main').locator('li.item').first().getByRole('radio', { name: '是', exact: true }).check();
    await this.saved();
  }

  /** Fails the first item that can fail, with its finding and photos. */
  async fail(fact: string, ...photos: Buffer[]): Promise<void> {
    const { page } = this;
    const row = page.locator('main li.item', { has: page.getByRole('radio', { name: '不合格', exact: true }) }).first();
    await row.getByRole('radio', { name: '不合格', exact: true }).check();
    await row.getByRole('button', { name: '还差' }).click();
    const sheet = page.getByRole('dialog', { name: '不合格' });
    const judged = sheet.getByRole('group', { name: '你的判断' });
    if (await judged.isVisible()) await judged.getByRole('radio', { name: '列为疑似' }).check();
    await sheet.getByLabel('看到了什么').fill(fact);
    await sheet.getByRole('radio', { name: '7 天', exact: true }).check();
    await sheet.getByLabel('整改责任人').fill('虚构负责人己');
    const files = photos.map((buffer, at) => ({ name: `示例${at}.jpg`, mimeType: 'image/jpeg', buffer }));
    await sheet.getByLabel('附件').setInputFiles(files);
    for (let at = 0; at < photos.length; at += 1) {
      await expect(sheet.locator('li.photo').nth(at)).toHaveAttribute('data-state', 'saved');
    }
    await sheet.getByRole('button', { name: '记好了' }).click();
    await expect(sheet).toBeHidden();
    await this.saved();
  }

  /** Seals what was checked so far; returns the record's id. */
  async seal(): Promise<string> {
    const { page } = this;
    await page.getByRole('link', { name: '总览和封存' }).click();
    await page.getByRole('radio', { name: '只查了一部分' }).check();
    await page.getByLabel('说明原因').fill('虚构：停电，改天再查');
    await page.getByRole('group', { name: '检查人员 1' }).getByLabel('执法证号').fill('示例-001');
    await page.getByRole('button', { name: '添加一名检查人员' }).click();
    const second = page.getByRole('group', { name: '检查人员 2' });
    await second.getByLabel('姓名').fill(people[1]);
    await second.getByLabel('执法证号').fill('示例-002');
    const site = page.locator('section', { has: page.getByRole('heading', { name: '单位代表' }) });
    await site.getByLabel('姓名').fill(people[2]);
    await page.getByLabel('职务').fill('安全员');
    for (const name of people) await this.sign(name);
    await page.getByRole('button', { name: '封存', exact: true }).click();
    const ask = page.getByRole('dialog', { name: '封存这份记录？' });
    await ask.getByRole('button', { name: '封存', exact: true }).click();
    await page.waitForURL(/\/records\/[0-9a-f-]{36}$/);
    await expect(page.getByText('已封存，只能更正').first()).toBeVisible();
    return page.url().slice(-36);
  }

  /** Waits until everything has a receipt. */
  async delivered(): Promise<void> {
    await expect(this.sync).toHaveAttribute('data-state', 'delivered', { timeout: 30_000 });
    await expect(this.sync).toHaveAttribute('data-count', '0');
  }

  /** Hears on 我的 that there is a newer app, and takes it. */
  async update(): Promise<void> {
    const { page } = this;
    await page.goto('/me');
    const now = page.getByRole('button', { name: '现在更新' });
    await expect(page.getByText('有新版本，已下载好')).toBeVisible({ timeout: 20_000 });
    const old = await this.build();
    // It waits while something is being sent.
    await expect(async () => {
      if (await now.isVisible()) await now.click();
      expect(await this.build()).not.toBe(old);
    }).toPass({ timeout: 30_000, intervals: [500] });
  }

  private async saved(): Promise<void> {
    await expect(this.save).toHaveAttribute('data-state', 'saved');
  }

  private async sign(name: string): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: `${name}：签字` }).click();
    const sheet = page.getByRole('dialog', { name: `签字：${name}` });
    await sheet.getByRole('button', { name: '改为键入姓名' }).click();
    await sheet.getByLabel(`键入姓名：${name}`, { exact: true }).fill(name);
    await sheet.getByRole('button', { name: '签字', exact: true }).click();
    await expect(sheet).toBeHidden();
  }
}
