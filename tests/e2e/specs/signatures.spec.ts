// Sign-offs: read, drawn, typed or refused on the phone without a network; what was shown arrives with them.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { test, expect, prepare } from '../fixtures/test.ts';
import { binary } from '../fixtures/server.ts';
import { unzip } from '../fixtures/zip.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { people } from '../pages/overview.ts';
import { failed } from '../pages/photos.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };

test('a record is read, signed by hand, refused and witnessed, and all of it arrives', async ({ page, context, browser, server, watch }, info) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  await context.setOffline(true);
  const check = await field.start(visit);
  await failed(check);
  await page.getByLabel('看到了什么').fill('虚构：插座接在楼道里');
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了门口');
  await page.getByRole('group', { name: '检查人员 1' }).getByLabel('执法证号').fill('示例-001');
  const site = page.locator('section', { has: page.getByRole('heading', { name: '单位代表' }) });
  await site.getByLabel('姓名').fill(people.representative);

  // What is shown is the record; a stroke can be taken back, a touch is no signature.
  const sheet = await overview.signing(people.inspector);
  await expect(sheet.getByText('虚构：插座接在楼道里')).toBeVisible();
  const sign = sheet.getByRole('button', { name: '签字', exact: true });
  await sheet.getByRole('img', { name: '签名区' }).click();
  await expect(sign).toBeDisabled();
  await overview.scrawl(sheet);
  await expect(sign).toBeEnabled();
  await sheet.getByRole('button', { name: '重写' }).click();
  await expect(sign).toBeDisabled();
  await overview.scrawl(sheet);
  await sign.click();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('img', { name: `${people.inspector}的签名` })).toBeVisible();

  // The representative refuses, and a witness signs that it was so.
  const refusing = await overview.signing(people.representative);
  await refusing.getByRole('button', { name: '拒签' }).click();
  await page.getByLabel('拒签的原因').fill('虚构：要等老板回来');
  await page.getByRole('button', { name: '添加见证人' }).click();
  const witness = page.getByRole('dialog', { name: '见证人签字' });
  await expect(witness.getByText('拒绝签字。原因：虚构：要等老板回来')).toBeVisible();
  await witness.getByLabel('见证人姓名').fill('虚构见证人庚');
  await overview.scrawl(witness);
  await witness.getByRole('button', { name: '签字', exact: true }).click();
  await expect(witness).toBeHidden();
  await expect(page.getByText('3/3')).toBeVisible();

  // The page goes; the sign-offs are on the disk.
  await page.reload();
  await expect(page.getByRole('img', { name: '虚构见证人庚的签名' })).toBeVisible();

  // What was signed changes: nobody has signed that.
  await page.getByLabel('备注').fill('虚构：改了备注');
  await expect(page.getByText('0/2')).toBeVisible();
  await overview.draw(people.inspector);
  await overview.draw(people.representative);
  const record = await overview.seal();
  await expect(page.getByRole('img', { name: `${people.representative}的签名` })).toBeVisible();
  await page.getByRole('button', { name: '看签字时的内容' }).first().click();
  const read = page.getByRole('dialog', { name: '看签字时的内容' });
  await expect(read.getByText('虚构：改了备注')).toBeVisible();
  await read.getByRole('button', { name: '关闭' }).click();
  await context.setOffline(false);
  await field.delivered();

  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const deskWatch = await prepare(desk);
  deskWatch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`${server.url}/office/records/${record}`);
  const ink = office.page.getByRole('img', { name: `${people.representative}的签名` });
  await expect.poll(() => ink.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  await office.page.getByRole('button', { name: '看签字时的内容' }).first().click();
  await expect(office.page.getByRole('dialog', { name: '看签字时的内容' }).getByText('虚构：改了备注')).toBeVisible();

  // The export has the strokes and the text under the very digests that the record names.
  await office.page.goto(`${server.url}/office/`);
  const zip = info.outputPath('export.zip');
  await office.exportAll(zip);
  const verify = await promisify(execFile)(binary, ['verify', zip, '--trust', await office.thumbprint()]);
  expect(verify.stdout).toMatch(/good: 1 record/);
  const files = [...unzip(await readFile(zip))].filter(([name]) => name.startsWith('blobs/'));
  const texts = files.map(([, bytes]) => bytes.toString('utf8')).filter((text) => text.includes('虚构：改了备注'));
  expect(texts, 'both were shown the same').toHaveLength(1);
  expect(files.map(([name]) => name)).toContain(`blobs/${createHash('sha256').update(texts[0]!).digest('hex')}`);
  const strokes = files.filter(([, bytes]) => bytes.toString('utf8').startsWith('{"v":1'));
  expect(strokes, 'what was withdrawn is nowhere').toHaveLength(2);
  expect(deskWatch.unexpected).toEqual([]);
  await desk.close();
});

test('without room for a sign-off nobody has signed, and all else stays', async ({ page, server, context, watch }) => {
  watch.allow(/QuotaExceeded/);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start(visit);
  await failed(check);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const overview = await check.overview();
  const sheet = await overview.signing(people.inspector);
  await overview.scrawl(sheet);
  // Writes of bytes abort, as on a full disk.
  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore['put']>) {
      const request = put.apply(this, args);
      if (this.name === 'blob_chunk') this.transaction.abort();
      return request;
    };
    Object.assign(window, { restore: () => (IDBObjectStore.prototype.put = put) });
  });
  await sheet.getByRole('button', { name: '签字', exact: true }).click();
  await expect(sheet.getByText('签字没有存上')).toBeVisible();
  await page.evaluate(() => (window as unknown as { restore: () => void }).restore());
  await sheet.getByRole('button', { name: '签字', exact: true }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('img', { name: `${people.inspector}的签名` })).toBeVisible();
  await context.close();
});
