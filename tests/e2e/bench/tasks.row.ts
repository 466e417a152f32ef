// The longest task of the page's main thread while photos are taken in and made smaller, with the processor four times slower.
import { expect, test } from './device.ts';
import { found } from './figures.ts';
import { slower, tasks, watchTasks } from './slow.ts';
import { Files, picture } from '../pages/many.ts';
import { failed } from '../pages/photos.ts';

const count = 10;
const bound = 100;

test('main thread while photos are processed', async ({ field }) => {
  const { page } = field;
  const base = await picture(page, 4_000_000, 4000, 3000);
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const photos = await failed(check);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await watchTasks(page);
  const files = await Files.of(base, count);
  await photos.scope.getByLabel('附件').setInputFiles(files.paths);
  await expect(photos.tiles.locator('img')).toHaveCount(count, { timeout: 5 * 60_000 });
  await check.saved();
  await files.remove();
  const busy = await tasks(page);
  // Tasks below 50 ms are not told.
  const longest = Math.max(0, ...busy);
  await found({
    what: `longest main-thread task while ${count} photos of 4 MB and 12 megapixels are processed, ${slower}× slower`,
    ours: longest === 0 ? 'none over 50 ms' : `${longest.toFixed(0)} ms (${busy.length} over 50 ms)`,
    bound: `≤ ${bound} ms`,
    holds: longest <= bound,
  });
});
