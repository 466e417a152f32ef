// The way of bytes is tus 1.0 and nothing of our own: another client brings what a phone could not.
import { createHash, randomBytes } from 'node:crypto';
import * as tus from 'tus-js-client';
import { test, expect, prepare } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { Photos } from '../pages/photos.ts';

test.use({ demo: true });

/** Uploads with `settings` until it is done, or until `stop` says so; returns the address of the upload. */
function upload(bytes: Buffer, settings: tus.UploadOptions, stop: (sent: number) => boolean): Promise<string> {
  return new Promise((done, fail) => {
    const running = new tus.Upload(bytes, {
      retryDelays: null,
      chunkSize: 64 * 1024,
      onError: fail,
      onSuccess: () => done(running.url!),
      onChunkComplete: (_, accepted) => {
        if (stop(accepted)) void running.abort().then(() => done(running.url!));
      },
      ...settings,
    });
    running.start();
  });
}

test('an independent tus client brings the bytes, in two goes, and the phone sends none of them', async ({ page, browser, server }) => {
  await page.addInitScript(() => {
    const real = globalThis.fetch;
    globalThis.fetch = (...given) => {
      const address = given[0] instanceof Request ? given[0].url : String(given[0]);
      const cut = localStorage.getItem('cut') && address.includes('/api/v1/uploads');
      return cut ? Promise.reject(new TypeError('the network broke')) : real(...given);
    };
  });
  const field = new Field(page);
  await field.join(server);
  await page.evaluate(() => localStorage.setItem('cut', 'yes'));
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const overview = await check.overview();
  const bytes = Buffer.concat([Buffer.from('%PDF-1.4 '), randomBytes(300_000)]);
  const loose = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '还没归到检查项的照片' }) }).first());
  await loose.pick({ name: '示例.pdf', mimeType: 'application/pdf', buffer: bytes });
  await loose.saved(1);
  await overview.checkedInPart('虚构');
  await overview.fillPeople();
  const record = await overview.seal();
  await expect(page.getByText('0 / 1 件已送达')).toBeVisible();
  // The file, and the text that was signed.
  await expect(field.sync).toHaveAttribute('data-count', '2');
  await expect(field.sync).not.toHaveAttribute('data-state', 'delivered');

  const desk = await browser.newContext();
  (await prepare(desk)).allow(/status of 401/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  const answer = await office.page.request.get(`${server.url}/api/v1/records/${record}`);
  const detail = (await answer.json()) as {
    events: { event_hash: string; text: string }[];
    blobs: { sha256: string; received_at: number | null }[];
  };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(detail.blobs).toContainEqual(expect.objectContaining({ sha256, received_at: null }));
  const kind = (text: string) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()).kind as string;
  const event = detail.events.find((found) => kind(found.text) === 'sealed')!.event_hash;

  const place = { endpoint: `${server.url}/api/v1/uploads`, metadata: { event, sha256 } };
  const address = await upload(bytes, place, (sent) => sent >= 128 * 1024);
  let least = Infinity;
  await upload(bytes, { uploadUrl: address }, (sent) => {
    least = Math.min(least, sent);
    return false;
  });
  expect(least, 'it goes on where it stopped').toBeGreaterThan(128 * 1024);

  const begun: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/uploads')) begun.push(request.headers()['upload-length']);
  });
  await page.evaluate(() => localStorage.removeItem('cut'));
  await page.reload();
  await field.delivered();
  await expect(page.getByText('1 / 1 件已送达')).toBeVisible();
  expect(begun, 'the text that was signed, and nothing of the file').toHaveLength(1);
  expect(begun).not.toContain(String(bytes.length));
  await desk.close();
});
