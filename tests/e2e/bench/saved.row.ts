// From a finger that is lifted until the badge says 已存本机, which is after a strict commit, against a bare page that puts the
// very bytes of that answer strictly and then says so.
import { test, first } from './forms.ts';
import { opened, slower, slowPage } from './slow.ts';
import { found, median, quantile } from './figures.ts';
import { next } from './tapped.ts';

const part = Number(process.env['ZHICHA_BENCH_PART'] ?? 1);
const bound = 1.5;

test('tap to saved', async ({ address, device }) => {
  const { page, session } = await slowPage(device);
  await opened(page, address('ours', 40), first);
  const figures = [];
  for (const [rate, all] of [[slower, 500], [1, 150]] as const) {
    const taps = Math.ceil(all * part);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    const [ours, bare]: number[][] = [[], []];
    for (let tap = -5; tap < taps; tap += 1) {
      const at = await page.evaluate(next, tap + 5);
      await page.evaluate(untilSaved);
      await page.touchscreen.tap(at.x, at.y);
      const time = await page.evaluate(lasted);
      // In turn, so that what disturbs the disk disturbs both.
      const button = await page.evaluate(barely);
      await page.touchscreen.tap(button.x, button.y);
      const other = await page.evaluate(lasted);
      if (tap < 0) continue;
      ours!.push(time);
      bare!.push(other);
    }
    const ratio = median(ours!) / median(bare!);
    const said = (times: number[]) => `p50 of ${taps}; p95 ${quantile(times, 0.95).toFixed(1)} ms`;
    figures.push({
      what: `tap → 已存本机, 40 items${rate > 1 ? `, ${rate}× slower` : ''} (${said(ours!)})`,
      ours: `${median(ours!).toFixed(1)} ms`,
      against: `tap → bare strict put of the same bytes, and a word (${said(bare!)}): ${median(bare!).toFixed(1)} ms`,
      ratio,
      bound: `≤ ${bound} ×`,
      holds: ratio <= bound,
    });
  }
  await found(...figures);
});

interface Waits {
  lasts: Promise<number>;
}

// Runs in the page: how long it takes from the end of the next touch until the badge says that all is saved.
function untilSaved(): void {
  const badge = document.querySelector('[data-testid=save-status]')!;
  const lasts = new Promise<number>((done) => {
    let lifted = 0;
    const up = (event: Event): void => {
      lifted = event.timeStamp;
      const observer = new MutationObserver(() => {
        if (badge.getAttribute('data-state') !== 'saved') return;
        observer.disconnect();
        done(performance.now() - lifted);
      });
      observer.observe(badge, { attributes: true, attributeFilter: ['data-state'] });
    };
    window.addEventListener('pointerup', up, { capture: true, once: true });
  });
  Object.assign(window, { waits: { lasts } satisfies Waits });
}

function lasted(): Promise<number> {
  return (window as unknown as { waits: Waits }).waits.lasts;
}

// Runs in the page: a button that keeps what a tap writes, an answer and its draft, in a database of its own with one put; where it is.
async function barely(): Promise<{ x: number; y: number }> {
  type Bare = { put(rows: unknown): Promise<void>; rows(): Promise<unknown>; button: HTMLButtonElement };
  const asked = <T>(request: IDBRequest<T>) => new Promise<T>((done) => (request.onsuccess = () => done(request.result)));
  const made = async (): Promise<Bare> => {
    const names = (await indexedDB.databases()).map(({ name }) => name!);
    const app = await asked(indexedDB.open(names.find((name) => /^zhicha-[0-9a-f]/.test(name))!));
    const opening = indexedDB.open('bench-bare');
    opening.onupgradeneeded = () => opening.result.createObjectStore('row');
    const database = await asked(opening);
    const button = document.createElement('button');
    button.style.cssText = 'position:fixed;z-index:9;left:8px;top:300px;width:80px;height:60px';
    button.hidden = true;
    document.body.append(button);
    return {
      button,
      rows: async () => {
        const draft = location.pathname.split('/').at(-1)!;
        const transaction = app.transaction(['draft', 'answer']);
        const own = IDBKeyRange.bound([draft], [draft, []]);
        const answer = await asked(transaction.objectStore('answer').openCursor(own));
        return [answer!.value, await asked(transaction.objectStore('draft').get(draft))];
      },
      put: (rows) =>
        new Promise((done) => {
          const transaction = database.transaction('row', 'readwrite', { durability: 'strict' });
          transaction.objectStore('row').put(rows, 0);
          transaction.oncomplete = () => done();
        }),
    };
  };
  const page = window as unknown as { bare?: Bare };
  const bare = (page.bare ??= await made());
  const rows = await bare.rows();
  bare.button.hidden = false;
  await new Promise((done) => requestAnimationFrame(done));
  const lasts = new Promise<number>((done) => {
    let lifted = 0;
    bare.button.addEventListener('pointerup', (event) => (lifted = event.timeStamp), { once: true });
    const click = async (): Promise<void> => {
      bare.button.textContent = '保存中';
      await bare.put(rows);
      bare.button.textContent = '已存';
      done(performance.now() - lifted);
      bare.button.hidden = true;
    };
    bare.button.addEventListener('click', click, { once: true });
  });
  Object.assign(window, { waits: { lasts } satisfies Waits });
  const { x, y, width, height } = bare.button.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}
