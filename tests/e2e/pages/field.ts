// The field app as an inspector uses it: joining, being ready for offline work, the two states on the
// badge, and the way to a page. Everything is found by role and words, as a person finds it.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Server } from '../fixtures/server.ts';
import { Check } from './check.ts';

/** A password that the server takes; of the demo's invented people. */
export const password = 'yi-ge-xuni-mima-7';

/** What an inspection is started with. */
export interface Visit {
  /** Name of a site on the device, or of one that is typed. */
  site: string;
  /** Whether the site is typed on the spot. */
  typed?: boolean;
  /** Titles of the checklists. */
  checklists: (string | RegExp)[];
}

/** One page of the field app. */
export class Field {
  /** `data-state`: saving, saved, failed. */
  readonly save: Locator;
  /** `data-state`: offline, pending, sending, saved, delivered, attention; `data-count`: events that wait. */
  readonly sync: Locator;

  constructor(readonly page: Page) {
    this.save = page.getByTestId('save-status');
    this.sync = page.getByTestId('sync-status');
  }

  /** From the one-time link that `serve --demo` printed to 今日, with all downloads done. */
  async join(server: Server, origin = server.url): Promise<void> {
    const link = (await server.line(/^invite inspector: (\S+)/))[1]!;
    await this.joinBy(link.replace(server.url, origin));
  }

  /** The same, without waiting for the person's own records, which come with the second file. */
  async joinEarly(server: Server): Promise<void> {
    await this.joinBy((await server.line(/^invite inspector: (\S+)/))[1]!, '先用起来');
  }

  /** From any one-time link to the first download. */
  async accept(link: string): Promise<void> {
    const { page } = this;
    await page.goto(link);
    await page.getByLabel('设一个密码').fill(password);
    await page.getByLabel('再输一遍').fill(password);
    await page.getByRole('button', { name: '加入' }).click();
  }

  /** From any one-time link to 今日. */
  async joinBy(link: string, go = '开始使用'): Promise<void> {
    const { page } = this;
    await this.accept(link);
    await page.getByRole('button', { name: go }).click({ timeout: 20_000 });
    await expect(page.getByRole('link', { name: '开始检查' })).toBeVisible();
  }

  /** Waits until the page itself says that it works without a network. */
  async readyForOffline(): Promise<void> {
    await expect(this.page.getByText('可离线使用 ✓')).toBeVisible({ timeout: 20_000 });
  }

  /** A place of the bottom bar, by its link. */
  async go(place: '今日' | '检查' | '隐患' | '单位' | '我的'): Promise<void> {
    await this.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: place }).click();
  }

  /** Starts an inspection from 今日 and returns its check page. */
  async start(visit: Visit): Promise<Check> {
    const { page } = this;
    await page.goto('/');
    await page.getByRole('link', { name: '开始检查' }).click();
    if (visit.typed) {
      await page.getByText('现场填写单位').click();
      await page.getByLabel('单位名称').fill(visit.site);
      await page.getByLabel('地址', { exact: true }).fill('示例区虚构路 99 号');
      await page.getByRole('button', { name: '用这家单位' }).click();
    } else {
      await page.getByRole('searchbox').fill(visit.site);
      await page.getByRole('button', { name: visit.site }).click();
    }
    // What is not usual for the site stands behind a line of its own.
    const others = page.getByText(/^其他 \d+ 张/);
    if (await others.isVisible()) await others.click();
    for (const title of visit.checklists) {
      await page.getByRole('checkbox', { name: title }).check();
    }
    await page.getByRole('button', { name: '开始检查' }).click();
    await page.waitForURL(/\/inspect\/[0-9a-f-]{36}$/);
    const check = new Check(page);
    await check.opened();
    return check;
  }

  /** Goes on with the draft of `site` from 今日. */
  async resume(site: string): Promise<Check> {
    await this.page.goto('/');
    return this.reopen(site);
  }

  /** Opens an inspection from the overview of today, which is there. */
  async reopen(site: string): Promise<Check> {
    await this.page.getByRole('link', { name: site }).click();
    const check = new Check(this.page);
    await check.opened();
    return check;
  }

  /** Waits until nothing waits to be sent, while a draft is on this device alone. */
  async sent(timeout = 30_000): Promise<void> {
    await expect(this.sync).toHaveAttribute('data-state', 'saved', { timeout });
    await expect(this.sync).toHaveAttribute('data-count', '0');
  }

  /** Waits until everything written here has a verified receipt, and no draft is open. */
  async delivered(): Promise<void> {
    await expect(this.sync).toHaveAttribute('data-state', 'delivered', { timeout: 30_000 });
    await expect(this.sync).toHaveAttribute('data-count', '0');
  }
}
