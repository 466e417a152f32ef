// The main job: a whole day without a network, then delivery, the office page and the export.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { test, expect, prepare } from '../fixtures/test.ts';
import { binary } from '../fixtures/server.ts';
import { unzip, zip } from '../fixtures/zip.ts';
import type { Given } from '../pages/check.ts';
import { Field, type Visit } from '../pages/field.ts';
import { Office } from '../pages/office.ts';

test.use({ demo: true });

const fire = '安全出口、疏散与消防设施';
const bikes = '电动自行车停放充电';
const dust = '粉尘涉爆';

const visits: Visit[] = [
  { site: '示例木制品加工厂01', checklists: [dust] },
  { site: '示例便利店05', checklists: [bikes] },
  { site: '示例餐馆06', checklists: [fire] },
  { site: '示例五金抛光车间02', checklists: [dust] },
  { site: '示例公寓07', checklists: [bikes] },
  { site: '示例宾馆09', checklists: [fire] },
  { site: '示例饲料厂03', checklists: [dust] },
  { site: '示例电动自行车充电棚10', checklists: [bikes] },
  { site: '虚构现场填写的作坊', typed: true, checklists: [fire] },
  { site: '示例小区08', checklists: [bikes] },
];

// The whole day takes long; each checklist comes once in its first part.
const day = process.env['ZHICHA_TEST_ALL'] ? visits : [...visits.slice(0, 3), visits[8]!];

/** Each inspection fails three items, at other places. */
const failing = (at: number) => [1 + (at % 3), 5 + (at % 4), 10 + (at % 5)];

/** Runs `zhicha verify`; returns its exit code and what it said. */
async function verify(...args: string[]): Promise<{ code: number; said: string }> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['verify', ...args]);
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, said: stdout };
  }
}

test('a day of inspections offline is delivered unchanged and can be checked by anyone', async ({
  page,
  context,
  browser,
  server,
  watch,
}, info) => {
  test.setTimeout(180_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();

  // From the second start on there is no network.
  await context.setOffline(true);
  await page.reload();
  await field.readyForOffline();

  const sealed = new Map<string, Given>();
  for (const [at, visit] of day.entries()) {
    const given = await test.step(visit.site, async () => {
      const check = await field.start(visit);
      const finding = { fact: `第 ${at + 1} 家：现场看到的情况（虚构）`, responsible: '虚构负责人己' };
      // Each checklist once with a finger; then quicker than any finger.
      const given = await check.answerAll(failing(at), finding, at < 3 ? 'finger' : 'quick');
      const overview = await check.overview();
      await overview.fillPeople();
      const record = await overview.seal();
      sealed.set(record, given);
      return given;
    });
    expect(given.fail, visit.site).toBe(3);
    // One event when it begins and one when it is sealed.
    await expect(field.sync).toHaveAttribute('data-state', 'offline');
    await expect(field.sync).toHaveAttribute('data-count', String(3 * (at + 1)));
  }

  await page.goto('/');
  await field.readyForOffline();
  await expect(field.sync).toHaveAttribute('data-count', String(3 * day.length));
  await context.setOffline(false);
  await field.delivered();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const deskWatch = await prepare(desk);
  // Chromium logs the answer "nobody is signed in" by itself.
  deskWatch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await expect(office.rows).toHaveCount(day.length);
  for (const [record, given] of sealed) {
    expect(await office.figures(record), record).toEqual({
      pass: given.pass,
      fail: given.fail,
      notApplicable: 0,
      notChecked: 0,
    });
  }

  const file = info.outputPath('export.zip');
  await office.exportAll(file);
  const trust = await office.thumbprint();
  expect(await verify(file, '--trust', trust)).toMatchObject({
    code: 0,
    said: expect.stringContaining(`good: ${day.length} records, ${2 * day.length} events`),
  });
  expect((await verify(file)).code, 'without --trust').toBe(1);
  expect((await verify(file, '--trust', trust.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')))).code, 'another signer').toBe(1);

  const files = unzip(await readFile(file));
  const [path, text] = [...files].find(([name]) => name.startsWith('events/'))!;
  const [head, payload, signature] = text.toString().trim().split('.');
  const altered = Buffer.from(payload!, 'base64url').toString().replace('示例', '真实');
  files.set(path, Buffer.from([head, Buffer.from(altered).toString('base64url'), signature].join('.')));
  const copy = info.outputPath('altered.zip');
  await writeFile(copy, zip(files));
  const refused = await verify(copy, '--trust', trust);
  expect(refused.code).toBe(1);
  expect(refused.said).toContain(path);

  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});
