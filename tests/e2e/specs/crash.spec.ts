// Whatever the screen called saved is there after a reload and after the browser was killed.
import type { Locator, Page } from '@playwright/test';
import { test, expect } from '../fixtures/test.ts';
import { Profile } from '../fixtures/profile.ts';
import type { Server } from '../fixtures/server.ts';
import { tellSaved, type Saved } from '../fixtures/saved-words.ts';
import { seeded } from '../fixtures/seeded.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

const site = '示例木制品加工厂01';
const dust = '粉尘涉爆';

/** What is on the section on screen, row by row, in the words of the ledger. */
function shown(page: Page): Promise<Saved[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main li.item')].map((row) => ({
      row: row.id,
      value:
        [...row.querySelectorAll<HTMLInputElement>('fieldset input')]
          .filter((input) => input.checked)
          .map((input) => input.id)
          .join(' ') + (row.querySelector<HTMLInputElement>('.typed .in')?.value ?? ''),
    })),
  );
}

test('a reload in the middle opens at the same item with everything there', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site, checklists: [dust] });
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.rings.nth(1).click();
  const rows = await check.open();
  await check.tap(rows[0]!.id, '合格');
  await check.tap(rows[1]!.id, '不合格');
  await check.record(rows[1]!.id, { fact: '隔间里放着两张床（虚构）', responsible: '虚构负责人己' });
  const use = (await check.open()).find((row) => row.kind === 'text')!;
  await check.row(use.id).getByRole('textbox').fill('值班休息');
  await check.tap(rows[3]!.id, '不适用');
  await check.saved();
  const before = await shown(page);

  await page.reload();
  await check.opened();
  expect(await shown(page)).toEqual(before);
  await expect(check.row(rows[3]!.id)).toBeInViewport();
  await check.row(rows[1]!.id).getByRole('button', { name: '前整改' }).click();
  const sheet = page.getByRole('dialog', { name: '不合格' });
  await expect(sheet.getByLabel('看到了什么')).toHaveValue('隔间里放着两张床（虚构）');
  await expect(sheet.getByLabel('整改责任人')).toHaveValue('虚构负责人己');
  await expect(sheet.getByRole('radio', { name: '7 天', exact: true })).toBeChecked();
});

/** Types, leaves by a tap within the typing delay, and opens the inspection again: the box with what was typed. */
async function leftTyping(page: Page, server: Server, before: (field: Field) => Promise<void>): Promise<Locator> {
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site, checklists: [dust] });
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.rings.nth(1).click();
  await before(field);
  const rows = await check.open();
  await check.tap(rows[1]!.id, '不合格');
  const use = (await check.open()).find((row) => row.kind === 'text')!;
  await check.row(use.id).getByRole('textbox').fill('离开前的最后几个字');
  await page.getByRole('link', { name: '返回' }).click();
  const again = await field.reopen(site);
  await again.rings.nth(1).click();
  const box = again.row(use.id).getByRole('textbox');
  await expect(box).toHaveValue('离开前的最后几个字');
  return box;
}

test('typing is on disk when the page is left by a tap within the typing delay', async ({ page, server }) => {
  await leftTyping(page, server, async () => {});
});

test('on a slow disk an inspection that was just left opens again with what was typed, and can be written on', async ({ page, server }) => {
  const box = await leftTyping(page, server, async (field) => {
    await expect(field.save).toHaveAttribute('data-state', 'saved');
    await page.evaluate(holdEachWrite, 400);
  });
  await expect(box).toBeEditable();
});

// Runs in the page: every transaction that puts a row goes on for so long.
function holdEachWrite(ms: number): void {
  const { put } = IDBObjectStore.prototype;
  // It ends by itself when nothing more is asked.
  IDBTransaction.prototype.commit = () => {};
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...row: Parameters<typeof put>) {
    const end = performance.now() + ms;
    const hold = (): void => {
      this.count().onsuccess = () => performance.now() < end && hold();
    };
    hold();
    return put.apply(this, row);
  };
}

// Deaths of one browser in one inspection, ten where there is time for them. Each seed says after how many taps it dies and how long
// after the last one.
const deaths = process.env['ZHICHA_TEST_ALL'] ? 10 : 4;

test('killed at seeded moments the browser comes back with all that it called saved', async ({
  server,
  launchOptions,
}) => {
  test.setTimeout(150_000);
  const random = seeded(20_261_122);
  const profile = await Profile.make(launchOptions);
  const ledger = new Map<string, string>();
  let last = '';
  try {
    let context = await profile.start();
    let page = context.pages()[0]!;
    await new Field(page).join(server);
    await (await new Field(page).start({ site, checklists: [dust, '安全出口、疏散与消防设施'] })).saved();

    for (let death = 0; death < deaths; death += 1) {
      await context.exposeBinding('ledger', (_source, saved: Saved) => {
        ledger.set(saved.row, saved.value);
        last = saved.row;
      });
      await context.addInitScript(tellSaved);
      page = context.pages()[0]!;
      const check = await reopened(page, server.url);
      await answerAndDie(check, profile, random);

      context = await profile.start();
      page = context.pages()[0]!;
      const again = await reopened(page, server.url);
      // The cookie of the session may have died with the browser: downloads pause, nothing else does.
      profile.watch.allow(/status of 401/);
      if (last !== '') {
        const told = [...ledger.keys()];
        await expect
          .poll(() => page.evaluate(opensAt, { last, told }), { message: `death ${death + 1} opens at the last saved row` })
          .toBe(true);
      }
      await holds(again, ledger, `death ${death + 1}`);
      expect(profile.watch.unexpected).toEqual([]);
    }
    expect(ledger.size).toBeGreaterThan(2 * deaths);
  } finally {
    await profile.remove();
  }
});

/** The check page of the draft, by way of 今日. */
async function reopened(page: Page, url: string): Promise<Check> {
  await page.goto(url);
  await page.getByRole('link', { name: site }).first().click();
  const check = new Check(page);
  await check.opened();
  return check;
}

/** Answers quickly, without waiting for the disk, and dies after a few taps. */
async function answerAndDie(check: Check, profile: Profile, random: () => number): Promise<void> {
  let taps = 2 + Math.floor(random() * 5);
  const delay = random() * 60;
  for (let section = 0; taps > 0; section += 1) {
    await check.rings.nth(section).click();
    for (const row of await check.open()) {
      if (taps === 0) break;
      taps -= 1;
      if (row.kind === 'gate') await check.tap(row.id, '是');
      else if (row.kind === 'check') await check.tap(row.id, random() < 0.5 ? '合格' : '不适用');
      else if (row.kind === 'multiple') await check.row(row.id).getByRole('checkbox').first().check();
      else if (row.kind === 'single') await check.row(row.id).getByRole('radio').first().check();
      else if (row.kind === 'text') await check.row(row.id).getByRole('textbox').pressSequentially('示例编号', { delay: 20 });
      else if (row.kind === 'number') await check.row(row.id).getByRole('textbox').fill(row.text);
      else taps += 1;
    }
  }
  // The moment of death is what is tested: between the tap and the disk, or after it.
  await new Promise((die) => setTimeout(die, delay));
  await profile.kill();
}

/** Every row of the ledger is on screen with its value; typed text may have grown since. */
async function holds(check: Check, ledger: Map<string, string>, when: string): Promise<void> {
  const found = new Map<string, string>();
  const sections = await check.rings.count();
  for (let section = 0; section < sections; section += 1) {
    await check.rings.nth(section).click();
    await expect(check.rings.nth(section)).toHaveAttribute('aria-current', 'true');
    for (const { row, value } of await shown(check.page)) found.set(row, value);
  }
  for (const [row, value] of ledger) {
    expect(found.get(row) ?? '', `${when}: ${row} was called saved`).toContain(value);
  }
}

// Runs in the page: whether the row is on screen. The browser may have died between a save and the word about it: then an
// answered row is on screen that nobody was told of.
function opensAt({ last, told }: { last: string; told: string[] }): boolean {
  const seen = [...document.querySelectorAll<HTMLElement>('main li.item')].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  });
  const answered = (row: HTMLElement): boolean =>
    [...row.querySelectorAll<HTMLInputElement>('input, textarea')].some((field) =>
      /radio|checkbox/.test(field.type) ? field.checked : field.value !== '',
    );
  return seen.some((row) => row.id === last || (!told.includes(row.id) && answered(row)));
}
