// More than five hundred rows on one page: a tap changes its own row and the counters, and no other row is touched.
import { expect, test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

const systems = 30;

test('one tap among five hundred items touches its own row only, and all of them are there after a reload', async ({
  page,
  server,
}) => {
  test.setTimeout(120_000);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: '示例木制品加工厂01', checklists: ['粉尘涉爆'] });

  const ring = page.getByRole('button', { name: /^除尘系统（逐套）/ });
  await ring.click();
  await expect(ring).toHaveAttribute('aria-current', 'true');
  const gate = (await check.open())[0]!;
  await check.tap(gate.id, '是');
  const add = page.getByRole('button', { name: '添加一套' });
  for (let made = 0; made < systems; made += 1) {
    await add.click();
  }
  await expect(page.getByText('最多 30 套')).toBeVisible();
  // Of which kind a system is, and for which dust, asks for the rest of its items.
  await check.quickly(['single', 'multiple']);
  await page.evaluate(chooseAll);
  await expect.poll(() => check.rows.count(), { timeout: 60_000 }).toBeGreaterThan(500);
  // Hundreds of answers in one go, each of them a strict write.
  await check.saved(60_000);
  const open = await check.open();
  const rows = open.filter((row) => row.kind === 'check');
  const middle = rows[Math.floor(rows.length / 2)]!;
  await check.row(middle.id).scrollIntoViewIfNeeded();
  await page.evaluate(watchRows);
  await check.tap(middle.id, '合格');
  await check.saved();
  await expect.poll(() => check.open().then((left) => left.length)).toBe(open.length - 1);
  expect(await page.evaluate(touchedRows)).toEqual([middle.id]);

  await page.reload();
  await check.opened();
  await expect(check.row(middle.id)).toBeInViewport();
  await expect(check.row(middle.id).getByRole('radio', { name: '合格', exact: true })).toBeChecked();
  await expect.poll(() => check.open().then((left) => left.length)).toBe(open.length - 1);
});

// Every option of every multiple choice.
function chooseAll(): void {
  const options = document.querySelectorAll<HTMLInputElement>('li.item fieldset input[type=checkbox]:not(:checked)');
  for (const option of options) option.click();
}

// Notes the id of each row in which anything changes from now on.
function watchRows(): void {
  const touched = new Set<string>();
  const note = (changes: MutationRecord[]): void => {
    for (const change of changes) {
      const element = change.target instanceof Element ? change.target : change.target.parentElement;
      const row = element?.closest('li.item');
      if (row) touched.add(row.id);
    }
  };
  const main = document.querySelector('main')!;
  const observer = new MutationObserver(note);
  observer.observe(main, { attributes: true, characterData: true, childList: true, subtree: true });
  Object.assign(window, { touched, observer });
}

function touchedRows(): string[] {
  return [...(window as unknown as { touched: Set<string> }).touched];
}
