// From a finger that is lifted until the page has painted its answer: ours, which also begins a strict write, against the same
// items as a bare page, in SurveyJS and in ODK Web Forms.
import type { BrowserContext, Page } from '@playwright/test';
import { type Kind, test, first } from './forms.ts';
import { opened, slower, slowPage } from './slow.ts';
import { found, median, quantile } from './figures.ts';
import { drawn, next, wait } from './tapped.ts';

/** One form that is tapped. */
interface Tapped {
  kind: Kind;
  count: number;
  taps: number;
  times: number[];
}

const part = Number(process.env['ZHICHA_BENCH_PART'] ?? 1);
// A round of the slow ones takes a minute and more.
const turns = 3;

test('tap to paint', async ({ address, device }) => {
  const form = (kind: Kind, count: number, taps = 500): Tapped => ({ kind, count, taps: Math.ceil(taps * part), times: [] });
  const [ours40, ours50, ours500, ours1000] = [40, 50, 500, 1000].map((count) => form('ours', count));
  const [floor40, floor500] = [40, 500].map((count) => form('floor', count));
  const peers = [form('SurveyJS', 40, 100), form('ODK Web Forms', 40, 100), form('SurveyJS', 500, 25), form('ODK Web Forms', 500, 25)];
  const together = [[ours40!, floor40!, peers[0]!, peers[1]!], [ours500!, floor500!, peers[2]!, peers[3]!], [ours50!, ours1000!]];
  for (const group of together) await tapped(device, group, address);

  const figure = (ours: Tapped, other: Tapped, bound?: number) => {
    const ratio = median(ours.times) / median(other.times);
    return {
      what: `tap → paint, ${ours.count} items, ${slower}× slower (${said(ours)})`,
      ours: ms(ours),
      against: `${other.kind}${other.count === ours.count ? '' : ` at ${other.count} items`} (${said(other)}): ${ms(other)}`,
      ratio,
      ...(bound === undefined ? {} : { bound: `≤ ${bound} ×`, holds: ratio <= bound }),
    };
  };
  await found(
    figure(ours40!, floor40!, 2),
    figure(ours40!, peers[0]!),
    figure(ours40!, peers[1]!),
    figure(ours500!, floor500!, 1.5),
    figure(ours500!, peers[2]!),
    figure(ours500!, peers[3]!),
    figure(ours1000!, ours50!, 1.2),
  );
});

function ms({ times }: Tapped): string {
  return `${median(times).toFixed(1)} ms`;
}

function said({ times }: Tapped): string {
  return `p50 of ${times.length} taps; p95 ${quantile(times, 0.95).toFixed(1)} ms`;
}

// Taps them in turn, a part of the taps each, so that what disturbs the machine disturbs all.
async function tapped(device: BrowserContext, forms: Tapped[], address: (kind: Kind, count: number) => string): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { kind, count, taps, times } of forms) {
      const { page } = await slowPage(device);
      await opened(page, address(kind, count), first);
      await page.waitForFunction(drawn, { kind, count }, { timeout: 120_000 });
      const part = Math.ceil(taps / turns);
      // The first taps only warm.
      for (let tap = -3; tap < part; tap += 1) {
        const time = await once(page, tap + 3 + turn * part, kind === 'ours');
        if (tap >= 0) times.push(time);
      }
      await page.close();
    }
  }
}

// A form that draws items only as they come into view may draw them anew under the finger, which then meets nothing; ours may not.
async function once(page: Page, n: number, strict: boolean): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const at = await page.evaluate(next, n);
    await page.touchscreen.tap(at.x, at.y);
    try {
      return await page.evaluate(wait);
    } catch (missed) {
      if (strict || tries === 3) throw missed;
    }
  }
}
