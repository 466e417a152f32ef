// Runs in the pages that are tapped, each function by itself.

interface Tap {
  painted: Promise<number>;
}

/** Whether all items of a form are there, those aside that it draws only where they come into view. */
export function drawn({ kind, count }: { kind: string; count: number }): boolean {
  return kind === 'SurveyJS' || document.querySelectorAll('input[type=radio]').length >= 3 * count;
}

/**
 * Brings an item into view and returns where to put the finger for the n-th tap: each round over the items gives the next
 * answer of 合格, 不合格, 不适用. Begins to wait for its paint.
 */
export async function next(n: number): Promise<{ x: number; y: number }> {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const names = () => [...new Set([...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].map((radio) => radio.name))];
  const all = names();
  const radios = [...document.getElementsByName(all[n % all.length]!)] as HTMLInputElement[];
  const answer = n + Math.floor(n / all.length);
  // A tap on what is chosen changes nothing.
  const radio = radios[answer % 3]!.checked ? radios[(answer + 1) % 3]! : radios[answer % 3]!;
  const label = radio.labels?.[0] ?? radio;
  // Until the page rests with the answer in view: what scrolling has caused is not what the tap costs.
  let box = label.getBoundingClientRect();
  for (let rest = 0, frames = 0; rest < 2; rest += 1, frames += 1) {
    label.scrollIntoView({ block: 'center', behavior: 'instant' });
    await frame();
    const now = label.getBoundingClientRect();
    const hit = document.elementFromPoint(now.x + now.width / 2, now.y + now.height / 2);
    if (now.y !== box.y || !label.contains(hit)) rest = -1;
    if (frames > 600) throw new Error(`${radio.name} does not come to rest in view: ${hit?.outerHTML.slice(0, 200)}`);
    box = now;
  }
  const painted = new Promise<number>((done, fail) => {
    setTimeout(() => fail(new Error(`nothing was painted after a tap on ${radio.name}`)), 20_000);
    let lifted = 0;
    const up = (event: Event): void => {
      lifted = event.timeStamp;
    };
    window.addEventListener('pointerup', up, { capture: true, once: true });
    const change = (): void => {
      requestAnimationFrame(() => {
        // The next message comes after this frame was painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - lifted);
        port2.postMessage(0);
      });
    };
    window.addEventListener('change', change, { capture: true, once: true });
  });
  Object.assign(window, { tap: { painted } satisfies Tap });
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The milliseconds from the finger's end until the paint. */
export function wait(): Promise<number> {
  return (window as unknown as { tap: Tap }).tap.painted;
}
