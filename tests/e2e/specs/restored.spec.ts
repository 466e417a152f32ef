// The server's folder is put back to what it was before the last inspection, without a word to anybody: the phone that was done with
// it sends everything again, and says so until it is there.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, expect } from '../fixtures/test.ts';
import { Server } from '../fixtures/server.ts';
import { Truth } from '../fixtures/truth.ts';
import type { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';
import { failed, jpeg, Photos } from '../pages/photos.ts';

test.use({ demo: true });

async function sealed(check: Check): Promise<void> {
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  await overview.seal();
}

test('E09: a server that fell back gets again what a phone has, and what neither has is told', async ({
  page,
  server,
  watch,
}) => {
  test.setTimeout(120_000);
  // Asked for while it is being exchanged, by whoever is signed out since, and by photos that are there before their event.
  watch.allow(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|401|409/);
  const field = new Field(page);
  // It answers at the same address whatever folder it has, and ends all sessions when it falls back.
  const holds = async (events: number) => {
    const truth = await Truth.of(server);
    await truth.holdsExactly(events);
    await truth.close();
  };
  await field.join(server);
  await sealed(await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] }));
  await field.delivered();

  await server.stop();
  const kept = await mkdtemp(join(tmpdir(), 'zhicha-e2e-kept-'));
  await cp(server.dataDir, kept, { recursive: true });
  const between = await Server.start({ dataDir: server.dataDir, listen: server.address });
  const check = await field.start({ site: '示例公寓07', checklists: ['电动自行车停放充电'] });
  const photos: Photos = await failed(check);
  await photos.pick({ name: '1.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page) });
  await photos.drawn(1);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  await sealed(check);
  await field.delivered();
  await holds(4);

  await between.stop();
  await rm(server.dataDir, { recursive: true });
  await cp(kept, server.dataDir, { recursive: true });
  const after = await Server.start({ dataDir: server.dataDir, listen: server.address });
  await holds(2);
  await page.goto('/me');
  await expect(() => holds(4)).toPass({ timeout: 60_000, intervals: [3_000, 10_000] });
  // The photo's smaller copy goes again. Its original had left the phone once it was delivered, and is gone: that is told, and the
  // record does not count as delivered.
  await expect(field.sync).toHaveAttribute('data-count', '1');
  await expect(field.sync).toHaveAttribute('data-state', 'attention');
  await after.stop();
  await rm(kept, { recursive: true });
});
