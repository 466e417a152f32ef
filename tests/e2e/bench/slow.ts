// Pages on a slow processor, and when something on them can be tapped.
import type { BrowserContext, CDPSession, Page } from '@playwright/test';

/** How much slower a phone's processor is. */
export const slower = 4;

/** A new page, as slow as a phone. */
export async function slowPage(device: BrowserContext): Promise<{ page: Page; session: CDPSession }> {
  const page = await device.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  return { page, session };
}

/** Opens a page; the milliseconds from the start of the navigation until what `first` finds was painted and can be tapped. */
export async function opened(page: Page, url: string, first: string): Promise<number> {
  await page.addInitScript(watch, first);
  await page.goto(url, { waitUntil: 'commit' });
  const found = await page.waitForFunction(() => (window as unknown as { tappable?: number }).tappable, undefined, { timeout: 120_000 });
  return (await found.jsonValue())!;
}

// Runs in a page before its own scripts.
function watch(first: string): void {
  const look = (): void => {
    const element = document.querySelector(first);
    const target = element?.closest('label, .p-radiobutton') ?? element;
    const box = target?.getBoundingClientRect();
    const hit = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!element || element.matches(':disabled') || !hit || !target!.contains(hit)) {
      requestAnimationFrame(look);
      return;
    }
    // The next message comes after this frame was painted.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => Object.assign(window, { tappable: performance.now() });
    port2.postMessage(0);
  };
  requestAnimationFrame(look);
}

/** Notes from now on how long the page's main thread was busy at a time, where that was more than 50 ms. */
export async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(noteTasks);
  await page.evaluate(noteTasks);
}

function noteTasks(): void {
  const tasks: number[] = [];
  Object.assign(window, { tasks });
  const note = (list: PerformanceObserverEntryList) => tasks.push(...list.getEntries().map((entry) => entry.duration));
  new PerformanceObserver(note).observe({ type: 'longtask' });
}

/** What was noted. */
export async function tasks(page: Page): Promise<number[]> {
  // The observer hears of a task after it.
  await page.waitForTimeout(500);
  return page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
}
