// Voice notes, readings and PDFs: from the phone to the office and into an export, and what is refused.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { test, expect, prepare } from '../fixtures/test.ts';
import { binary } from '../fixtures/server.ts';
import { unzip } from '../fixtures/zip.ts';
import { Evidence, plays } from '../pages/evidence.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { failed, jpeg, Photos } from '../pages/photos.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };
const here = { latitude: 31.2304, longitude: 121.4737, accuracy: 9 };
const pdf = Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R/Encrypt 2 0 R>>');

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a voice note, readings and a PDF arrive whole and can be heard, read and saved', async ({ page, context, browser, server, watch }, info) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.grantPermissions(['camera', 'microphone', 'geolocation']);
  await context.setGeolocation(here);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  const check = await field.start(visit);
  const strip = await failed(check);
  const evidence = new Evidence(strip);

  await evidence.record(2);
  await evidence.recorder.getByRole('button', { name: '录好了' }).click();
  await strip.saved(1);
  await expect(strip.tiles.first()).toContainText(/0:0[2-9]/);

  await evidence.read('0.80', 'MPa', '虚构压力表', 'SN-07');
  await strip.saved(2);
  await evidence.way('读数');
  await expect(evidence.reading.getByLabel('仪器（可不填）'), 'remembered').toHaveValue('虚构压力表');
  await evidence.reading.getByLabel('读数', { exact: true }).fill('12,5');
  await expect(evidence.reading.getByRole('button', { name: '存下读数' })).toBeDisabled();
  await evidence.reading.getByLabel('读数', { exact: true }).fill('１２');
  await evidence.reading.getByLabel('单位', { exact: true }).selectOption('其他单位');
  await evidence.reading.getByLabel('单位名称').fill('虚构单位');
  await evidence.reading.getByRole('button', { name: '拍下仪器屏幕' }).click();
  await strip.camera.getByRole('button', { name: '按下快门' }).click();
  await expect(evidence.reading.getByText('屏幕已拍下')).toBeVisible();
  await evidence.reading.getByRole('button', { name: '存下读数' }).click();
  await strip.saved(3);
  await strip.drawn(1);

  await strip.pick({ name: '检测报告 虚构.pdf', mimeType: 'application/pdf', buffer: pdf });
  await strip.saved(4);
  await strip.tiles.nth(3).getByRole('button').click();
  const file = page.getByRole('dialog', { name: '文件' });
  await expect(file.getByLabel('说明')).toHaveValue('检测报告 虚构.pdf');
  await file.getByLabel('说明').fill('检测报告（虚构）');
  await file.getByRole('button', { name: '关闭' }).click();
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();

  await page.reload();
  await check.opened();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  const record = await overview.seal();
  const sealed = new Photos(page, page.locator('section', { has: page.getByRole('heading', { name: '照片和取证' }) }).first());
  await expect(sealed.tiles).toHaveCount(4);
  await expect(sealed.scope.getByText('0 / 4 件已送达'), 'a reading without bytes waits for its event').toBeVisible();
  await sealed.tiles.first().getByRole('button').click();
  await plays(page.getByRole('dialog', { name: '录音' }).locator('audio'));
  await page.getByRole('dialog', { name: '录音' }).getByRole('button', { name: '关闭' }).click();
  await context.setOffline(false);
  await field.delivered();
  await expect(sealed.scope.getByText('4 / 4 件已送达')).toBeVisible();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const deskWatch = await prepare(desk);
  deskWatch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`${server.url}/office/records/${record}`);
  const section = office.page.locator('section', { has: office.page.getByRole('heading', { name: '照片和取证（4）' }) });
  const row = section.getByRole('row').filter({ hasText: '0.80 MPa' });
  await expect(row).toContainText('虚构压力表');
  await expect(row).toContainText('SN-07');
  await expect(row).toContainText('31.2304000, 121.4737000');
  await expect(section.getByRole('row').filter({ hasText: '12 虚构单位' })).toHaveCount(1);
  await section.getByRole('button', { name: '播放录音' }).click();
  await plays(section.locator('audio'));
  const download = office.page.waitForEvent('download');
  await section.getByRole('link', { name: '下载 PDF' }).click();
  expect((await download).suggestedFilename()).toMatch(/^zhicha-\w+\.pdf$/);
  const saved = info.outputPath('saved.pdf');
  await (await download).saveAs(saved);
  expect(await readFile(saved)).toEqual(pdf);

  await office.page.goto(`${server.url}/office/`);
  const zip = info.outputPath('export.zip');
  await office.exportAll(zip);
  const verify = await promisify(execFile)(binary, ['verify', zip, '--trust', await office.thumbprint()]);
  expect(verify.stdout).toMatch(/good: 1 record/);
  const files = unzip(await readFile(zip));
  const blobs = [...files].filter(([name]) => name.startsWith('blobs/'));
  expect(blobs, 'voice, PDF, the photo of a display twice, and the text that was signed').toHaveLength(5);
  expect(files.get(`blobs/${sha256(pdf)}`)).toEqual(pdf);
  const page_ = files.get('index.html')!.toString();
  for (const words of ['0.80 MPa', '虚构压力表', '检测报告（虚构）']) expect(page_).toContain(words);
  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});

test('a page that is killed while it records leaves what was said, marked as cut', async ({ page, context, server, watch }) => {
  watch.allow(/the page crashed/);
  await context.grantPermissions(['microphone']);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const evidence = new Evidence(await failed(check));
  await evidence.way('录音');
  await evidence.recorder.getByRole('button', { name: '开始录音' }).click();
  await evidence.lasts(3);
  await expect.poll(() => evidence.stretches()).toBeGreaterThan(0);
  const cdp = await context.newCDPSession(page);
  // The renderer ends without a last word to the page.
  const crashed = page.waitForEvent('crash');
  void cdp.send('Page.crash').catch(() => undefined);
  await crashed;
  const again = await context.newPage();
  await again.goto(page.url());
  await again.getByRole('button', { name: '还差' }).click();
  const strip = new Photos(again, again.getByRole('dialog', { name: '不合格' }));
  await strip.saved(1);
  await strip.tiles.first().getByRole('button').click();
  const note = again.getByRole('dialog', { name: '录音', exact: true });
  await expect(note.getByText('录音时应用中断了，只存到中断前。')).toBeVisible();
  await plays(note.locator('audio'));
  const seconds = (await note.locator('.clock').textContent())!.split(':')[1];
  expect(Number(seconds), 'at most a second or two are lost').toBeGreaterThanOrEqual(1);
  await again.close();
});

test('leaving the page ends a recording and keeps it; recording again replaces it', async ({ page, context, server }) => {
  await context.grantPermissions(['microphone']);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  const strip = await failed(check);
  const evidence = new Evidence(strip);
  await evidence.way('录音');
  await evidence.recorder.getByRole('button', { name: '开始录音' }).click();
  await evidence.lasts(1);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    Reflect.deleteProperty(document, 'visibilityState');
  });
  await expect(evidence.recorder.getByRole('alert')).toContainText('离开了这一页');
  await evidence.playable();
  await evidence.recorder.getByRole('button', { name: '重录' }).click();
  await evidence.lasts(1);
  await evidence.recorder.getByRole('button', { name: '停止录音' }).click();
  await evidence.playable();
  await strip.saved(1);
  await evidence.recorder.getByRole('button', { name: '删掉' }).click();
  await page.getByRole('dialog', { name: '删掉这一件？' }).getByRole('button', { name: '删掉' }).click();
  await expect(evidence.recorder.getByRole('button', { name: '开始录音' })).toBeVisible();
  await strip.saved(0);
});

test('after three minutes, or when the disk takes no more, a recording ends by itself and keeps what it has', async ({ page, context, server }) => {
  await context.grantPermissions(['microphone']);
  await page.addInitScript(() => {
    const skipped = { ms: 0 };
    Object.assign(window, { skipped });
    const now = performance.now.bind(performance);
    performance.now = () => now() + skipped.ms;
    const commit = IDBTransaction.prototype.commit;
    IDBTransaction.prototype.commit = function () {
      if (sessionStorage.getItem('full') && this.objectStoreNames.contains('blob_chunk')) return this.abort();
      return commit.call(this);
    };
  });
  const field = new Field(page);
  await field.join(server);
  const strip = await failed(await field.start(visit));
  const evidence = new Evidence(strip);
  const { recorder } = evidence;
  await evidence.way('录音');
  await recorder.getByRole('button', { name: '开始录音' }).click();
  await evidence.lasts(2);
  await page.evaluate(() => ((window as unknown as { skipped: { ms: number } }).skipped.ms = 180_000));
  await expect(recorder.getByRole('alert')).toContainText('到 3 分钟了，已停止并存好。');
  await evidence.playable();
  const before = await evidence.stretches();
  await recorder.getByRole('button', { name: '重录' }).click();
  // The counter shows when it records, not when a piece is on the disk; without one there is nothing to keep.
  await expect.poll(() => evidence.stretches()).toBeGreaterThan(before);
  await page.evaluate(() => sessionStorage.setItem('full', 'yes'));
  await expect(recorder.getByText('本机空间不够，已停止；之前录的还在。')).toBeVisible();
  await page.evaluate(() => sessionStorage.removeItem('full'));
  await recorder.getByRole('button', { name: '关闭' }).click();
  await strip.scope.getByRole('button', { name: '再存一次' }).click();
  // The one before stays: nobody knows yet that the new one is good.
  await strip.saved(2);
});

test('without a microphone the inspection goes on, and that is said', async ({ page, server }) => {
  const field = new Field(page);
  await field.join(server);
  const evidence = new Evidence(await failed(await field.start(visit)));
  await evidence.way('录音');
  await evidence.recorder.getByRole('button', { name: '开始录音' }).click();
  await expect(evidence.recorder.getByRole('alert')).toContainText('没有麦克风权限');
  await expect(evidence.recorder.getByRole('button', { name: '开始录音' })).toBeEnabled();
});

test('what is no PDF is refused in words, whatever its name; a broken PDF is kept as it is', async ({ page, server }, info) => {
  const field = new Field(page);
  await field.join(server);
  const strip = await failed(await field.start(visit));
  const alert = strip.scope.getByRole('alert');
  const named = (buffer: Buffer) => ({ name: 'report.pdf', mimeType: 'application/pdf', buffer });
  for (const [bytes, words] of [
    [Buffer.alloc(0), '这个文件是空的'],
    [Buffer.from('<!doctype html><script>alert(1)</script>'), '不是照片，也不是 PDF'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), '不是照片，也不是 PDF'],
    [Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), '不是照片，也不是 PDF'],
    // By its path: so many bytes take their time through the browser's control channel.
    [Buffer.concat([pdf, Buffer.alloc(40 << 20)]), '超过 32 MB'],
  ] as const) {
    const path = info.outputPath('report.pdf');
    await writeFile(path, bytes);
    await strip.scope.getByLabel('附件').setInputFiles(path);
    await expect(alert).toContainText(words);
    await expect(alert.getByRole('button', { name: '再存一次' })).toHaveCount(0);
    await alert.getByRole('button', { name: '不要了' }).click();
  }
  await strip.pick(named(pdf.subarray(0, 20)), named(pdf));
  await strip.saved(2);
});

// Holds back what the page asks the worker for, until the test lets it go.
function holdWorker() {
  const post = Worker.prototype.postMessage;
  const held: (() => void)[] = [];
  const state = globalThis as unknown as { hold: boolean; go: () => void };
  state.hold = false;
  state.go = () => {
    state.hold = false;
    held.splice(0).forEach((send) => send());
  };
  Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
    const send = () => (post as (...all: unknown[]) => void).apply(this, args);
    if (state.hold && (args[0] as { do?: string }).do === 'take') held.push(send);
    else send();
  };
}

test('A15: of a file that changes or goes after it was picked, nothing untrue is kept', async ({ page, server, watch }, info) => {
  watch.allow(/could not be read|NotReadable|NotFound|ERR_UPLOAD_FILE_CHANGED|ERR_FILE_NOT_FOUND/i);
  await page.addInitScript(holdWorker);
  const field = new Field(page);
  await field.join(server);
  const strip = await failed(await field.start(visit));
  const path = info.outputPath('photo.jpg');
  const [first, second] = [await jpeg(page, 800, 600), await jpeg(page, 640, 480)];
  const alert = strip.scope.getByRole('alert');
  await writeFile(path, first);
  const pick = async () => {
    await page.evaluate(() => { (globalThis as unknown as { hold: boolean }).hold = true; });
    await strip.scope.getByLabel('附件').setInputFiles(path);
    await expect(strip.tiles).toHaveCount(1);
  };
  const go = () => page.evaluate(() => (globalThis as unknown as { go: () => void }).go());

  const refused = async () => {
    await go();
    // Of a file that is gone Chromium says that it has no bytes.
    await expect(alert).toContainText(/这个文件(读不出来|是空的)/);
    await alert.getByRole('button', { name: '不要了' }).click();
    await strip.saved(0);
  };

  await pick();
  await writeFile(path, second);
  // Later than the browser's note of the first one, however coarse the clock of the disk is.
  await utimes(path, new Date(), new Date(Date.now() + 60_000));
  await refused();
  await pick();
  await rm(path);
  await refused();

  await writeFile(path, second);
  await strip.scope.getByLabel('附件').setInputFiles(path);
  await strip.saved(1);
  const large = await strip.open(0);
  const hash = await large.locator('dd.code').textContent();
  expect(hash, 'what is kept is what was read').toBe(sha256(second));
});
