// How long a warm start without a network takes to the first item that can be tapped: ours with storage, law and sync
// behind it, against the same items as a bare page, in SurveyJS and in ODK Web Forms.
import { type Kind, expect, test, first } from './forms.ts';
import { opened, slower, slowPage } from './slow.ts';
import { found, median } from './figures.ts';

const starts = Number(process.env['ZHICHA_BENCH_STARTS'] ?? 7);
const kinds: Kind[] = ['ours', 'floor', 'SurveyJS', 'ODK Web Forms'];
const bounds = {
  40: { words: '≤ 2 × floor + 150 ms', most: (floor: number) => 2 * floor + 150 },
  500: { words: '≤ 2 × floor', most: (floor: number) => 2 * floor },
};

test('warm start', async ({ address, device }) => {
  const figures = [];
  for (const count of [40, 500] as const) {
    const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
    // One of each in turn, so that what disturbs the machine disturbs all; the first round only warms.
    for (let round = 0; round <= starts; round += 1) {
      for (const kind of kinds) {
        const { page } = await slowPage(device);
        const ms = await opened(page, address(kind, count), first);
        if (round > 0) times.get(kind)!.push(ms);
        await page.close();
      }
    }
    const [ours, floor, ...peers] = kinds.map((kind) => median(times.get(kind)!));
    expect(floor).toBeGreaterThan(0);
    const what = `warm start without a network to the first tappable item, ${count} items, ${slower}× slower (median of ${starts})`;
    const ms = (time: number) => `${time.toFixed(0)} ms`;
    const { words, most } = bounds[count];
    figures.push({
      what,
      ours: ms(ours!),
      against: `the same items as a bare page that stores nothing: ${ms(floor!)}`,
      ratio: ours! / floor!,
      bound: words,
      holds: ours! <= most(floor!),
    });
    for (const [n, peer] of peers.entries()) {
      figures.push({ what, ours: ms(ours!), against: `${kinds[n + 2]}: ${ms(peer)}`, ratio: ours! / peer });
    }
  }
  await found(...figures);
});
