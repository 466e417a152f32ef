// The overview before the seal: people, sign-offs, and the seal itself.
import { expect, type Locator, type Page } from '@playwright/test';

/** Who signs beside the person of the device. */
export interface People {
  /** The person of the device, whose name is there already. */
  inspector: string;
  /** The second inspector. */
  second: string;
  /** The site's representative. */
  representative: string;
}

/** People that nobody will mistake for real ones. */
export const people: People = {
  inspector: '示例检查员甲（手机）',
  second: '示例检查员戊',
  representative: '虚构负责人己',
};

/** The overview page. */
export class Overview {
  constructor(readonly page: Page) {}

  /** Names, certificate numbers, and everybody's typed sign-off. */
  async fillPeople(who: People = people): Promise<void> {
    const { page } = this;
    await page.getByRole('group', { name: '检查人员 1' }).getByLabel('执法证号').fill('示例-001');
    await page.getByRole('button', { name: '添加一名检查人员' }).click();
    const second = page.getByRole('group', { name: '检查人员 2' });
    await second.getByLabel('姓名').fill(who.second);
    await second.getByLabel('执法证号').fill('示例-002');
    const site = page.locator('section', { has: page.getByRole('heading', { name: '单位代表' }) });
    await site.getByLabel('姓名').fill(who.representative);
    await page.getByLabel('职务').fill('安全员');
    for (const name of [who.inspector, who.second, who.representative]) await this.sign(name);
  }

  /** Says that only a part was checked, and why. */
  async checkedInPart(reason: string): Promise<void> {
    await this.page.getByRole('radio', { name: '只查了一部分' }).check();
    await this.page.getByLabel('说明原因').fill(reason);
  }

  /** The sheet on which one person signs. */
  async signing(name: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `${name}：签字` }).click();
    const sheet = this.page.getByRole('dialog', { name: `签字：${name}` });
    await expect(sheet).toBeVisible();
    return sheet;
  }

  /** One sign-off by typed name. */
  async sign(name: string): Promise<void> {
    const sheet = await this.signing(name);
    await sheet.getByRole('button', { name: '改为键入姓名' }).click();
    await sheet.getByLabel(`键入姓名：${name}`, { exact: true }).fill(name);
    await sheet.getByRole('button', { name: '签字', exact: true }).click();
    await expect(sheet).toBeHidden();
  }

  /** One sign-off by hand. */
  async draw(name: string): Promise<void> {
    const sheet = await this.signing(name);
    await this.scrawl(sheet);
    await sheet.getByRole('button', { name: '签字', exact: true }).click();
    await expect(sheet).toBeHidden();
  }

  /** Two strokes in the field of a sheet. */
  async scrawl(sheet: Locator): Promise<void> {
    const pen = sheet.getByRole('img', { name: '签名区' });
    await pen.scrollIntoViewIfNeeded();
    const box = (await pen.boundingBox())!;
    const { mouse } = this.page;
    const at = (x: number, y: number): [number, number] => [box.x + box.width * x, box.y + box.height * y];
    for (const [from, over, to] of [[0.2, 0.35, 0.5], [0.45, 0.6, 0.8]] as const) {
      await mouse.move(...at(from, 0.6));
      await mouse.down();
      await mouse.move(...at(over, 0.2), { steps: 6 });
      await mouse.move(...at(to, 0.7), { steps: 6 });
      await mouse.up();
    }
  }

  /** Opens the last question. */
  async ask(): Promise<void> {
    await this.page.getByRole('button', { name: '封存', exact: true }).click();
    await expect(this.page.getByRole('dialog', { name: '封存这份记录？' })).toBeVisible();
  }

  /** Says yes to the last question. */
  async confirm(): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: '封存这份记录？' });
    await dialog.getByRole('button', { name: '封存', exact: true }).click();
  }

  /** Seals and waits for the sealed record; returns its id. */
  async seal(): Promise<string> {
    await this.ask();
    await this.confirm();
    await this.page.waitForURL(/\/records\/[0-9a-f-]{36}$/);
    await expect(this.page.getByText('已封存，只能更正').first()).toBeVisible();
    return this.page.url().slice(-36);
  }
}
