// The page itself, before anything of the product: it starts, and it starts without a network.
import { test, expect } from '../fixtures/test.ts';

test('the field page starts and says which build it is', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.locator('#boot')).toHaveCount(0);
  await expect(page.locator('meta[name="build"]')).toHaveAttribute('content', /^[0-9a-f]{16}$/);
});

test('after the first visit the page starts offline from the precache list alone', async ({
  page,
  context,
  request,
}) => {
  await page.goto('/');
  const status = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const channel = new MessageChannel();
    const answer = new Promise<MessageEvent>((done) => (channel.port1.onmessage = done));
    registration.active!.postMessage({ type: 'status' }, [channel.port2]);
    return (await answer).data as { build: string; files: number; cached: number };
  });
  const list = (await (await request.get('/field/precache.json')).json()) as { path: string }[];
  expect(status.files).toBe(list.length);
  expect(status.cached).toBe(list.length);

  await context.setOffline(true);
  const asked: string[] = [];
  context.on('requestfailed', (failed) => asked.push(failed.url()));
  await page.reload();
  await expect(page.locator('#boot')).toHaveCount(0);
  await expect(page.locator('meta[name="build"]')).toHaveAttribute('content', status.build);
  expect(asked.filter((url) => !new URL(url).pathname.startsWith('/api/'))).toEqual([]);
});
