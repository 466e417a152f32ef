// The office app: signing in as one of the demo's people, and the list of what was received.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Server } from '../fixtures/server.ts';

/** Figures of a row, as the office shows them. */
export interface Figures {
  pass: number;
  fail: number;
  notApplicable: number;
  notChecked: number;
}

/** Somebody who sets an account up. */
export interface NewAccount {
  name: string;
  login: string;
  password: string;
}

/** Somebody who is invited as an inspector. */
export interface Invited {
  name: string;
  login: string;
  /** As the office types them: `*` for all. */
  regions: string;
}

/** One page of the office app. */
export class Office {
  constructor(readonly page: Page) {}

  /** Signs in as the demo's supervisor or administrator; ends at the list of received inspections. */
  async signIn(server: Server, role: 'supervisor' | 'administrator', origin = server.url): Promise<void> {
    const { page } = this;
    const [, login, word] = await server.line(new RegExp(`^sign-in ${role}: (\\S+) (\\S+)`));
    await page.goto(`${origin}/office/`);
    await page.getByLabel('登录名').fill(login!);
    await page.getByLabel('密码').fill(word!);
    await page.getByRole('button', { name: '登录' }).click();
    await expect(page.getByRole('heading', { name: '收到的检查' })).toBeVisible();
  }

  /** Uses the one-time link of an empty server; ends at the list of received inspections. */
  async becomeFirst(link: string, account: NewAccount): Promise<void> {
    const { page } = this;
    await page.goto(link);
    await page.getByLabel('姓名').fill(account.name);
    await page.getByLabel('登录名').fill(account.login);
    await page.getByLabel('密码', { exact: true }).fill(account.password);
    await page.getByLabel('再输一次密码').fill(account.password);
    await page.getByRole('button', { name: '设好密码，进入' }).click();
    await expect(page.getByRole('heading', { name: '收到的检查' })).toBeVisible();
  }

  /** Adds a site to the register; ends there. */
  async addSite(site: { name: string; address: string; region: string }): Promise<void> {
    const { page } = this;
    await this.go('单位');
    await page.getByRole('button', { name: '添加单位' }).click();
    const sheet = page.getByRole('dialog', { name: '添加单位' });
    await sheet.getByLabel('名称').fill(site.name);
    await sheet.getByLabel('地址').fill(site.address);
    await sheet.getByLabel('区域').fill(site.region);
    await sheet.getByRole('button', { name: '保存单位' }).click();
    await expect(sheet).toBeHidden();
    await expect(page.getByRole('cell', { name: site.name })).toBeVisible();
  }

  /** Invites an inspector; returns the link, which is shown as a QR code too. Ends at the people. */
  async invite(person: Invited): Promise<string> {
    const { page } = this;
    await this.go('人员');
    await page.getByRole('button', { name: '邀请人员' }).click();
    const sheet = page.getByRole('dialog', { name: '邀请人员' });
    await sheet.getByLabel('姓名').fill(person.name);
    await sheet.getByLabel('登录名').fill(person.login);
    await sheet.getByLabel('区域').fill(person.regions);
    await sheet.getByRole('button', { name: '生成链接' }).click();
    await expect(sheet.getByRole('img', { name: '邀请链接的二维码' })).toBeVisible();
    const link = await sheet.getByTestId('invite-link').innerText();
    await sheet.getByRole('button', { name: '完成' }).click();
    await expect(sheet).toBeHidden();
    return link.trim();
  }

  /** A place of the office, by its link. */
  async go(place: '收到' | '隔离' | '人员' | '单位' | '检查表' | '我的'): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: place, exact: true }).click();
  }

  /** The row of a person. */
  person(name: string): Locator {
    return this.page.getByRole('table', { name: '人员' }).getByRole('row').filter({ hasText: name });
  }

  /** The rows of a person's devices. */
  device(name: string): Locator {
    return this.page.getByRole('table', { name: '设备' }).getByRole('row').filter({ hasText: name });
  }

  /** The rows of the list, without its head. */
  get rows(): Locator {
    return this.page.getByRole('table', { name: '收到的检查' }).getByRole('row').filter({ hasNot: this.page.getByRole('columnheader') });
  }

  /** The row of one record. */
  row(record: string): Locator {
    return this.rows.filter({ has: this.page.locator(`a[href$="${record}"]`) });
  }

  /** What the row of a record says about its answers. */
  async figures(record: string): Promise<Figures> {
    const figure = async (word: string) => {
      const words = await this.row(record).getByRole('listitem').allTextContents();
      const found = words.map((text) => new RegExp(`^\\s*${word}\\s*(\\d+)\\s*$`).exec(text)).find(Boolean);
      return Number(found?.[1] ?? 0);
    };
    return {
      pass: await figure('合格'),
      fail: await figure('不合格'),
      notApplicable: await figure('不适用'),
      notChecked: await figure('未查'),
    };
  }

  /** Chooses everything on screen and saves the export at `path`. */
  async exportAll(path: string): Promise<void> {
    const { page } = this;
    await page.getByRole('checkbox', { name: '选中屏幕上的全部' }).check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /^导出 \d+ 次为 ZIP$/ }).click();
    await (await download).saveAs(path);
  }

  /** Thumbprint of the server's key, as `zhicha verify --trust` takes it. */
  async thumbprint(): Promise<string> {
    const session = await this.page.request.get(new URL('/api/v1/session', this.page.url()).href);
    const body = (await session.json()) as { server_keys: { x: string; y: string }[] };
    return jwkThumbprint(body.server_keys[0]!);
  }
}

/** RFC 7638 thumbprint of a P-256 key. */
async function jwkThumbprint(key: { x: string; y: string }): Promise<string> {
  const { createHash } = await import('node:crypto');
  const canonical = JSON.stringify({ crv: 'P-256', kty: 'EC', x: key.x, y: key.y });
  return createHash('sha256').update(canonical).digest('base64url');
}
