// The check page of a draft: rows, sections, the finding sheet, and a walk that answers everything.
import { expect, type Locator, type Page } from '@playwright/test';
import { Overview } from './overview.ts';

/** What a row takes. */
export type Kind = 'gate' | 'check' | 'single' | 'multiple' | 'text' | 'number' | 'date';

/** A row without an answer. */
export interface Open {
  /** Id of its element. */
  id: string;
  /** The source row of its item, such as `FE-01`; a gate has none. */
  code: string;
  kind: Kind;
  /** What fits into its field, if it has one. */
  text: string;
}

/** A row, and whether it is to fail. */
type Marked = Open & { fail: boolean };

/** Answers that were given, as the office will count them. */
export interface Given {
  pass: number;
  fail: number;
  notApplicable: number;
  /** Codes of the failed items. */
  failed: string[];
}

/** What is written into a finding sheet. */
export interface Finding {
  fact: string;
  responsible: string;
}

/** The page of one draft. */
export class Check {
  constructor(readonly page: Page) {}

  /** Waits until the rows are there. */
  async opened(): Promise<void> {
    await expect(this.rings.first()).toBeVisible();
  }

  /** One button for each section. */
  get rings(): Locator {
    return this.page.getByRole('navigation', { name: '分区进度' }).getByRole('button');
  }

  /** All rows of the section on screen. */
  get rows(): Locator {
    return this.page.getByRole('main').locator('li.item');
  }

  /** The row with this id. */
  row(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** Taps one of the words of a row: 合格, 不合格, 不适用, 是, 否. */
  async tap(id: string, word: string): Promise<void> {
    await this.row(id).getByRole('radio', { name: word, exact: true }).check();
  }

  /** Waits until the disk has everything. */
  async saved(timeout?: number): Promise<void> {
    await expect(this.page.getByTestId('save-status')).toHaveAttribute('data-state', 'saved', timeout ? { timeout } : {});
  }

  /** Rows of the section on screen that have no answer, in order. */
  open(): Promise<Open[]> {
    return this.page.evaluate(unanswered);
  }

  /** Goes to a section that is answered for each of several things, and adds so many; its gate is answered with yes. */
  async addInstances(section: string, count: number): Promise<void> {
    const ring = this.rings.and(this.page.getByRole('button', { name: section }));
    await ring.click();
    await expect(ring).toHaveAttribute('aria-current', 'true');
    const gate = this.rows.first().getByRole('radio', { name: '是', exact: true });
    const add = this.page.locator('#add-instance button');
    // A section with a gate has its question, one without has the button at once.
    await expect(gate.or(add).first()).toBeVisible();
    if (await gate.isVisible()) await gate.check();
    for (let n = 1; n <= count; n += 1) {
      await add.click();
      await expect(this.page.locator('.instance')).toHaveCount(n);
    }
  }

  /** Says what each of them is called, and finds something wrong with the second: its row. */
  async failSecond(names: string[], finding: Finding): Promise<Open> {
    const named = this.rows.filter({ has: this.page.getByRole('textbox') });
    for (const [at, name] of names.entries()) await named.nth(at).getByRole('textbox').fill(name);
    const rows = (await this.open()).filter((row) => row.kind === 'check');
    const wrong = rows[rows.length / names.length]!;
    await this.tap(wrong.id, '不合格');
    await this.record(wrong.id, finding);
    return wrong;
  }

  /** Writes the finding sheet of a failed row. */
  async record(id: string, finding: Finding): Promise<void> {
    await this.row(id).getByRole('button', { name: '还差' }).click();
    const sheet = this.page.getByRole('dialog', { name: '不合格' });
    const judged = sheet.getByRole('group', { name: '你的判断' });
    if (await judged.isVisible()) await judged.getByRole('radio', { name: '列为疑似' }).check();
    await sheet.getByLabel('看到了什么').fill(finding.fact);
    await sheet.getByRole('radio', { name: '7 天', exact: true }).check();
    await sheet.getByLabel('整改责任人').fill(finding.responsible);
    await sheet.getByRole('button', { name: '记好了' }).click();
    await expect(sheet).toBeHidden();
  }

  /**
   * Answers everything in all sections. The n-th pass/fail item fails when `fails` has n; each failure
   * gets its finding sheet. `hand` is a finger that scrolls and taps, or a quick one: clicks and input
   * events from inside the page, a whole section in one go, quicker than the disk.
   */
  async answerAll(fails: number[], finding: Finding, hand: 'finger' | 'quick' = 'finger'): Promise<Given> {
    const given: Given = { pass: 0, fail: 0, notApplicable: 0, failed: [] };
    const sections = await this.rings.count();
    let checks = 0;
    for (let section = 0; section < sections; section += 1) {
      await this.rings.nth(section).click();
      await expect(this.rings.nth(section)).toHaveAttribute('aria-current', 'true');
      // An answer can ask for more: look again until nothing is open.
      for (let open = await this.nextOpen(); open.length > 0; open = await this.nextOpen()) {
        const marked = open.map((row) => ({
          ...row,
          fail: row.kind === 'check' && fails.includes((checks += 1)),
        }));
        if (hand === 'quick') await this.page.evaluate(answerQuickly, marked);
        for (const row of marked) {
          if (hand === 'finger') await this.answer(row, row.fail);
          count(row, given);
          if (row.fail) await this.record(row.id, finding);
        }
      }
    }
    return given;
  }

  /** Answers all open rows of these kinds on screen from inside the page. */
  async quickly(kinds: Kind[]): Promise<void> {
    const open = (await this.open()).filter((row) => kinds.includes(row.kind));
    await this.page.evaluate(answerQuickly, open.map((row) => ({ ...row, fail: false })));
  }

  /** Opens the overview from the dock. */
  async overview(): Promise<Overview> {
    await this.page.getByRole('link', { name: '总览和封存' }).click();
    await expect(this.page.getByRole('heading', { name: '封存前核对' })).toBeVisible();
    return new Overview(this.page);
  }

  private async nextOpen(): Promise<Open[]> {
    const open = await this.open();
    if (open.length > 0) return open;
    const add = this.page.getByRole('button', { name: '添加一套' });
    const none = this.page.getByText('有几套就添加几套');
    if (await none.isVisible()) {
      await add.click();
      await expect(none).toBeHidden();
      return this.open();
    }
    return open;
  }

  private async answer(row: Open, fail: boolean): Promise<void> {
    const element = this.row(row.id);
    switch (row.kind) {
      case 'gate':
        return this.tap(row.id, '是');
      case 'check':
        return this.tap(row.id, fail ? '不合格' : '合格');
      case 'single':
        return element.getByRole('radio').first().check();
      case 'multiple':
        return element.getByRole('checkbox').first().check();
      case 'number':
      case 'text':
        return element.getByRole('textbox').fill(row.text);
      case 'date':
        return element.locator('input[type=date]').fill(row.text);
    }
  }
}

function count(row: Marked, given: Given): void {
  if (row.kind !== 'check') return;
  if (row.fail) {
    given.fail += 1;
    given.failed.push(row.code);
  } else {
    given.pass += 1;
  }
}

// Runs in the page.
function answerQuickly(rows: Marked[]): void {
  for (const row of rows) {
    const element = document.getElementById(row.id)!;
    const options = element.querySelectorAll<HTMLInputElement>('fieldset input');
    if (options.length > 0) {
      // 合格, 不合格, 不适用; 是, 否; the first of other options.
      options[row.fail ? 1 : 0]!.click();
      continue;
    }
    const field = element.querySelector<HTMLInputElement>('.typed .in')!;
    field.focus();
    field.value = row.text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.blur();
  }
}

// Runs in the page.
function unanswered(): Open[] {
  const rows: HTMLElement[] = [...document.querySelectorAll<HTMLElement>('main li.item')];
  return rows.flatMap((row): Open[] => {
    const code = row.querySelector('.code')?.textContent ?? '';
    const options = [...row.querySelectorAll<HTMLInputElement>('fieldset input')];
    if (options.length > 0) {
      if (options.some((option) => option.checked) || options[0]!.matches(':disabled')) return [];
      const segmented = row.querySelector('fieldset.seg') !== null;
      const choice = options[0]!.type === 'radio' ? 'single' : 'multiple';
      const kind: Kind = segmented ? (options.length === 2 ? 'gate' : 'check') : choice;
      return [{ id: row.id, code, kind, text: '' }];
    }
    const field = row.querySelector<HTMLInputElement | HTMLTextAreaElement>('.typed .in');
    if (!field || field.value !== '') return [];
    if (field.type === 'date') return [{ id: row.id, code, kind: 'date', text: '2026-01-15' }];
    if (field.type === 'textarea') return [{ id: row.id, code, kind: 'text', text: '示例说明' }];
    const least = /^(\d+(?:\.\d+)?) 到|不小于 (\d+(?:\.\d+)?)/.exec(
      row.querySelector('.typed [role=status]')?.textContent ?? '',
    );
    return [{ id: row.id, code, kind: 'number', text: least?.[1] ?? least?.[2] ?? '1' }];
  });
}
