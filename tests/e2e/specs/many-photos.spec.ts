// Two hundred large photos of one visit: the page lives, and the server has every byte of them.
import { expect, test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Files, picture, sealed, sent, takenIn } from '../pages/many.ts';

test.use({ demo: true });

test('A14: two hundred photos of 8 MB are taken in, kept and delivered byte for byte', async ({ page, context, server, watch }) => {
  test.setTimeout(30 * 60_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  const files = await Files.of(await picture(page, 8_000_000, 4000, 3000), 200);
  await context.setOffline(true);
  const overview = await takenIn(field, files);
  await sealed(overview);
  await page.goto(server.url);
  await expect(field.sync).toHaveAttribute('data-state', 'offline');
  await context.setOffline(false);
  await sent(field);
  expect(await files.missing(server.dataDir), 'originals that the server has not').toEqual([]);
  await files.remove();
});
