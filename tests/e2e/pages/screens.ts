// Every screen of both apps, for the tests that look at all of them.
import { expect, type Page } from '@playwright/test';
import type { Server } from '../fixtures/server.ts';
import { Field } from './field.ts';
import type { Office } from './office.ts';

/** One screen: how to get there, and what shows that it is there. */
export interface Screen {
  name: string;
  open: (page: Page) => Promise<void>;
}

/** What was prepared for the screens. */
export interface Furnished {
  /** A draft with answers, one of them failed. */
  draft: string;
  /** Id of the failed row of the draft. */
  failed: string;
  /** A sealed record. */
  record: string;
}

const finding = { fact: '楼梯口停着三辆车（虚构）', responsible: '虚构负责人己' };

/** A sealed record and a draft with a failed item, made as an inspector makes them. */
export async function furnish(field: Field): Promise<Furnished> {
  const checklists = ['电动自行车停放充电'];
  const first = await field.start({ site: '示例便利店05', checklists });
  await first.answerAll([1, 3], finding, 'quick');
  const overview = await first.overview();
  await overview.fillPeople();
  const record = await overview.seal();

  const check = await field.start({ site: '示例公寓07', checklists: [...checklists, '粉尘涉爆'] });
  const draft = check.page.url().slice(-36);
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  const row = (await check.open()).find((open) => open.kind === 'check')!;
  await check.tap(row.id, '不合格');
  await check.record(row.id, finding);
  await check.saved();
  return { draft, failed: row.id, record };
}

/** Chooses the language of this device for all following pages. */
export async function speak(page: Page, language: 'zh' | 'en'): Promise<void> {
  await page.evaluate((chosen) => localStorage.setItem('zhicha.lang', chosen), language);
}

function at(name: string, path: string, then: (page: Page) => Promise<void> = async () => {}): Screen {
  return {
    name,
    open: async (page) => {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await then(page);
    },
  };
}

/** The screens of the field app of an enrolled person. */
export function fieldScreens({ draft, failed, record }: Furnished): Screen[] {
  const rows = async (page: Page) => expect(page.locator('li.item').first()).toBeVisible();
  const dialog = async (page: Page) => expect(page.getByRole('dialog')).toBeVisible();
  return [
    at('today', '/'),
    at('inspections', '/inspect'),
    at('start', '/inspect/new', async (page) => expect(page.getByRole('checkbox').first()).toBeVisible()),
    at('check', `/inspect/${draft}`, rows),
    at('item opened', `/inspect/${draft}`, async (page) => {
      await rows(page);
      await page.locator('li.item button[aria-expanded]').nth(1).click();
    }),
    at('finding sheet', `/inspect/${draft}?at=${failed}&finding`, dialog),
    at('overview', `/inspect/${draft}/overview`),
    at('question before deleting', `/inspect/${draft}/overview`, async (page) => {
      await page.locator('.btn.warn').first().click();
      await dialog(page);
    }),
    at('record', `/records/${record}`),
    at('amend', `/records/${record}/amend`),
    at('hazards', '/hazards'),
    at('sites', '/sites'),
    at('me', '/me'),
    at('sign in again', '/sign-in'),
    at('enrol again', '/enrol'),
    at('no such page', '/no-such-page'),
    at('join, taken', '/join#a.b'),
  ];
}

/** The screens of the field app before anybody is enrolled. */
export function strangerScreens(server: Server): Screen[] {
  return [
    at('start', '/'),
    at('broken link', '/join#broken'),
    {
      name: 'join',
      open: async (page) => {
        // Only the fragment changes otherwise, which opens nothing.
        await page.goto('about:blank');
        const link = (await server.line(/^invite business: (\S+)/))[1]!;
        await page.goto(link);
        await expect(page.locator('input[type=password]').first()).toBeVisible();
      },
    },
  ];
}

/** The screens of the office app for an administrator. */
export function officeScreens(office: Office, record: string): Screen[] {
  const { page } = office;
  const table = async () => expect(page.getByRole('table').first()).toBeVisible();
  const sheet = async () => expect(page.getByRole('dialog')).toBeVisible();
  return [
    at('received', '/office/', table),
    at('record', `/office/records/${record}`, async () => {
      await expect(page.locator('.receipts')).toBeVisible();
    }),
    at('quarantine', '/office/quarantine'),
    at('people', '/office/people', table),
    at('invite', '/office/people', async () => {
      await table();
      await page.locator('.top .btn.main').click();
      await sheet();
    }),
    at('sites', '/office/sites', table),
    at('site', '/office/sites', async () => {
      await table();
      await page.locator('.top .btn.main').click();
      await sheet();
    }),
    at('checklists', '/office/checklists'),
    at('one checklist', '/office/checklists', async () => {
      await page.getByRole('main').getByRole('link').first().click();
      await page.waitForURL(/checklists\/[0-9a-f]{64}/);
      await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible();
    }),
    at('me', '/office/me'),
    at('no such page', '/office/no-such-page'),
  ];
}
