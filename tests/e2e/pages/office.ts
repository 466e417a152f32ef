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
