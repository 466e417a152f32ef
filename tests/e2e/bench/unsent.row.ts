// A start with 2,000 sealed inspections that wait to be sent, against one with none: to the first thing on 今日 that can be
// tapped, and the longest task of the main thread until the badge has counted what waits.
import { expect, seed, test } from './device.ts';
import { found, median } from './figures.ts';
import type { Page } from '@playwright/test';
import { opened, slower, slowPage, tasks, watchTasks } from './slow.ts';

const inspections = Math.ceil(2_000 * Number(process.env['ZHICHA_BENCH_PART'] ?? 1));
const starts = 7;
const bound = 1.3;

test('start with much unsent', async ({ field, device, server }) => {
  const { page } = field;
  await page.goto('about:blank');
  await device.setOffline(true);
  const none = await measured(page, server.url, 0);
  await device.setOffline(false);
  await seed(page, server, { inspections, photos: 0 });
  await device.setOffline(true);
  const many = await measured(page, server.url, inspections);

  const ratio = median(many.times) / median(none.times);
  const ms = (time: number) => (time === 0 ? 'none over 50 ms' : `${time.toFixed(0)} ms`);
  const rate = `${slower}× slower, without a network`;
  await found(
    {
      what: `start with ${inspections} unsent inspections to 今日, ${rate} (median of ${starts})`,
      ours: ms(median(many.times)),
      against: `none unsent: ${ms(median(none.times))}`,
      ratio,
      bound: `≤ ${bound} ×`,
      holds: ratio <= bound,
    },
    {
      what: `the longest main-thread task of that start, until the badge has counted them (median of ${starts})`,
      ours: ms(median(many.longest)),
      against: `none unsent: ${ms(median(none.longest))}`,
    },
  );
});

async function measured(first: Page, url: string, waiting: number): Promise<{ times: number[]; longest: number[] }> {
  const device = first.context();
  const [times, longest]: number[][] = [[], []];
  // The first start only warms.
  for (let start = -1; start < starts; start += 1) {
    const { page } = await slowPage(device);
    await watchTasks(page);
    const time = await opened(page, url, 'a[href="/inspect/new"]');
    await expect(page.getByTestId('sync-status')).toHaveAttribute('data-count', String(waiting), { timeout: 60_000 });
    // What goes on behind the first page shall be heard too.
    await page.waitForTimeout(2_000);
    const busy = Math.max(0, ...(await tasks(page)));
    if (start >= 0) {
      times!.push(time);
      longest!.push(busy);
    }
    await page.close();
  }
  return { times: times!, longest: longest! };
}
