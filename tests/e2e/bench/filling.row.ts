// The longest task of the page's main thread while a checklist is filled in with a finger, findings and all, with the
// processor as slow as a phone's. What the tool that taps asks the page in between is little: its own ways of finding things
// take longer there than what is measured.
import type { Page } from '@playwright/test';
import { expect, test } from './device.ts';
import { found } from './figures.ts';
import { slower, tasks, watchTasks } from './slow.ts';

const bound = 100;
const sheet = 'dialog[open]';

test('main thread while filling in', async ({ field }) => {
  const { page } = field;
  const check = await field.start({ site: '示例便利店05', checklists: [/安全出口/] });
  const sections = await check.rings.count();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await watchTasks(page);
  let [items, findings] = [0, 0];
  for (let section = 0; section < sections; section += 1) {
    await tap(page, `#ring-${section}`);
    // Each has 合格, 不合格, 不适用; a gate has 是 and 否.
    for (let open = 'li.item fieldset.seg:not(:has(:checked))'; await page.evaluate((open) => document.querySelector(open) !== null, open); items += 1) {
      const fails = items % 12 === 3;
      await tap(page, `${open} label:nth-of-type(${fails ? 2 : 1})`);
      if (!fails || !(await page.evaluate(() => document.querySelector('button.raised') !== null))) continue;
      await record(page, (findings += 1));
    }
  }
  await check.saved();
  expect(items).toBeGreaterThan(10);
  expect(findings).toBeGreaterThan(0);
  const busy = await tasks(page);
  // Tasks below 50 ms are not told.
  const longest = Math.max(0, ...busy);
  await found({
    what: `longest main-thread task while ${items} items and ${findings} findings are filled in, ${slower}× slower`,
    ours: longest === 0 ? 'none over 50 ms' : `${longest.toFixed(0)} ms (${busy.length} over 50 ms)`,
    bound: `≤ ${bound} ms`,
    holds: longest <= bound,
  });
});

// The finding sheet of the n-th failure: what was seen, by when, and back.
async function record(page: Page, n: number): Promise<void> {
  await tap(page, 'button.raised', n - 1);
  await tap(page, `${sheet} textarea`);
  await page.keyboard.type('堆了纸箱');
  await tap(page, `${sheet} fieldset label`, 1);
  await tap(page, `${sheet} button.main`);
  await page.waitForFunction((sheet) => document.querySelector(sheet) === null, sheet);
}

/** Taps the n-th of what the selector finds, once it rests in view. */
async function tap(page: Page, selector: string, n = 0): Promise<void> {
  const at = await page.evaluate(rest, { selector, n });
  await page.touchscreen.tap(at.x, at.y);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}

async function rest({ selector, n }: { selector: string; n: number }): Promise<{ x: number; y: number }> {
  let last = -1;
  for (let frames = 0; frames < 600; frames += 1) {
    const found = document.querySelectorAll(selector);
    const element = found[Math.min(n, found.length - 1)];
    element?.scrollIntoView({ block: 'center', behavior: 'instant' });
    await new Promise((done) => requestAnimationFrame(done));
    const box = element?.getBoundingClientRect();
    if (box && box.height > 0 && box.y === last) return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    last = box?.y ?? -1;
  }
  throw new Error(`${selector} does not come to rest in view`);
}
