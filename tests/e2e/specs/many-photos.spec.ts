// Two hundred large photos of one visit: the page lives, and the server has every byte of them. On a profile on disk: a browser
// without one keeps its database in memory.
import { Profile } from '../fixtures/profile.ts';
import { expect, test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Files, picture, sealed, sent, takenIn } from '../pages/many.ts';

test.use({ demo: true });

test('A14: two hundred photos of 8 MB are taken in, kept and delivered byte for byte', async ({ server, launchOptions }) => {
  test.setTimeout(30 * 60_000);
  const profile = await Profile.make(launchOptions);
  try {
    const context = await profile.start();
    profile.watch.allow(/ERR_INTERNET_DISCONNECTED/);
    const field = new Field(context.pages()[0]!);
    await field.join(server);
    await field.readyForOffline();
    const files = await Files.of(await picture(field.page, 8_000_000, 4000, 3000), 200);
    await context.setOffline(true);
    const overview = await takenIn(field, files);
    await sealed(overview);
    await field.page.goto(server.url);
    await expect(field.sync).toHaveAttribute('data-state', 'offline');
    await context.setOffline(false);
    await sent(field);
    expect(await files.missing(server.dataDir), 'originals that the server has not').toEqual([]);
    await files.remove();
    expect(profile.watch.unexpected).toEqual([]);
  } finally {
    await profile.remove();
  }
});
