// The field app as it was at the tag `wire-1`, from the file that was kept of it, at the server of today: as on a phone that lay in
// a drawer for months. What it has is taken, it says that there is a newer app, and that one goes on where it stood.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { test as base, expect, type Server } from '../fixtures/test.ts';
import { Front, buildOf, keptApp, nextApp } from '../fixtures/apps.ts';
import { Truth } from '../fixtures/truth.ts';
import { Field } from '../pages/field.ts';
import { jpeg } from '../pages/photos.ts';
import { OldField } from '../pages/wire-1.ts';

const next = 'b'.repeat(16);
const site = '示例便利店05';
const checklist = '电动自行车停放充电';

const test = base.extend<{ front: Front }>({
  front: async ({ server }, use) => {
    const front = await Front.of(server, await keptApp('wire-1'));
    await use(front);
    await front.close();
  },
  baseURL: async ({ front }, use) => use(front.url),
});

test.use({ demo: true });

/** The demo's one-time link, at the address of the front. */
async function link(server: Server, front: Front): Promise<string> {
  const line = await server.line(/^invite inspector: (\S+)/);
  return line[1]!.replace(server.url, front.url);
}

/** Whether the server has the bytes of a photo, whole. */
function has(server: Server, photo: Buffer): boolean {
  const sha256 = createHash('sha256').update(photo).digest('hex');
  const folder = `${server.dataDir}/blobs`;
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true }).some((path) => path.toString().endsWith(sha256));
}

test('what the old app has is taken by the server of today, and it says that there is a newer one', async ({
  page,
  context,
  server,
  front,
  watch,
}) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const old = new OldField(page);
  await old.join(await link(server, front));
  const build = buildOf(front.app);
  expect(await old.build()).toBe(build);

  await context.setOffline(true);
  await page.reload();
  await old.start(site, checklist);
  const photo = await jpeg(page, 800, 600);
  await old.fail('现场看到的情况（虚构）', photo);
  await old.seal();
  await expect(old.sync).toHaveAttribute('data-state', 'offline');
  // Two events and the photo, each with its own bytes, and what was signed.
  expect(has(server, photo)).toBe(false);

  // Long after, and the server has another app by now.
  front.app = await nextApp(next);
  await context.setOffline(false);
  await old.delivered();
  expect(await old.build(), 'it is still the old one that sent it').toBe(build);
  const truth = await Truth.of(server);
  await truth.holdsExactly(2);
  expect(await truth.quarantine()).toEqual([]);
  await truth.close();
  expect(has(server, photo), 'the photo as it was picked').toBe(true);

  await old.update();
  expect(await old.build()).toBe(next);
  await new Field(page).delivered();
});

test('the app of today goes on with what the old one left on the phone', async ({ page, server, front, watch }) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_EMPTY_RESPONSE|ERR_CONNECTION_(RESET|CLOSED|REFUSED)|ERR_FAILED/);
  const old = new OldField(page);
  await old.join(await link(server, front));
  front.reaches = false;
  await old.start(site, checklist);
  const photo = await jpeg(page, 800, 600);
  await old.fail('封存而没有送出（虚构）', photo);
  const record = await old.seal();
  await old.start('示例公寓07', checklist);
  await old.fail('还没有封存（虚构）');

  front.app = await nextApp(next);
  await old.update();
  const field = new Field(page);
  expect(await old.build()).toBe(next);
  await page.goto(`/records/${record}`);
  await expect(page.getByText('封存而没有送出（虚构）').first()).toBeVisible();
  const check = await field.resume('示例公寓07');
  await expect(page.getByRole('radio', { name: '不合格', exact: true }).first()).toBeChecked();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：换了新版本再封存');
  await overview.fillPeople();
  await overview.seal();

  front.reaches = true;
  await page.goto('/me');
  await page.getByRole('button', { name: '现在送出' }).click();
  await field.delivered();
  const truth = await Truth.of(server);
  await truth.holdsExactly(4);
  await truth.close();
  expect(has(server, photo)).toBe(true);
});
