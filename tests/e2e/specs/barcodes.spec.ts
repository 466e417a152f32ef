// Barcodes need the browser's own reader, which no browser on a test machine has: a stand-in for it finds something, finds nothing,
// or never answers, and the rest is ours. The service worker stays out, so that the stand-in can be put before our worker's text.
import type { Page } from '@playwright/test';
import qrcode from 'qrcode-generator';
import { test, expect } from '../fixtures/test.ts';
import type { Server } from '../fixtures/server.ts';
import { Field } from '../pages/field.ts';
import { failed, Photos } from '../pages/photos.ts';

test.use({ demo: true, serviceWorkers: 'block' });

/** Puts a `BarcodeDetector` whose `detect` is this expression before the worker that reads codes. */
async function reader(page: Page, detect: string, formats = ['ean_13', 'qr_code']): Promise<void> {
  const before = `self.BarcodeDetector = class {
    static getSupportedFormats = async () => ${JSON.stringify(formats)};
    detect = ${detect};
  };\n`;
  await page.route('**/field/codes.*.js', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: before + (await answer.text()) });
  });
}

/** A picture of a QR code. */
async function picture(page: Page, text: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const dots = Array.from({ length: code.getModuleCount() }, (_, y) =>
    Array.from({ length: code.getModuleCount() }, (_, x) => code.isDark(y, x)),
  );
  const bytes = await page.evaluate(async (dots) => {
    const side = (dots.length + 8) * 8;
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, side, side);
    context.fillStyle = '#000';
    dots.forEach((row, y) => row.forEach((dark, x) => dark && context.fillRect((x + 4) * 8, (y + 4) * 8, 8, 8)));
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  }, dots);
  return { name: 'code.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

async function scanning(page: Page, server: Server): Promise<Photos> {
  const field = new Field(page);
  await field.join(server);
  const photos = await failed(await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] }));
  await photos.scope.getByRole('button', { name: '更多取证' }).click();
  await photos.scope.getByRole('button', { name: '扫码' }).click();
  return photos;
}

test.beforeEach(({ watch }) => watch.allow(/service worker|not what it should be/i));

test('a barcode is read where the browser can, and is evidence word for word', async ({ page, server }) => {
  await reader(page, `async () => [{ rawValue: '06901234567892', format: 'ean_13' }]`);
  const photos = await scanning(page, server);
  const sheet = page.getByRole('dialog', { name: '扫码取证' });
  await expect(sheet.getByRole('alert')).toContainText('没有相机权限');
  await sheet.getByLabel('拍照或选照片来认').setInputFiles(await picture(page, 'XUNI'));
  await expect(sheet.getByText('06901234567892')).toBeVisible();
  await sheet.getByRole('button', { name: '记下这个码' }).click();
  await photos.saved(1);
  await expect(photos.tiles.getByText('06901234567892').first()).toBeVisible();
});

for (const [words, detect] of [
  ['finds nothing', 'async () => []'],
  ['never answers', '() => new Promise(() => {})'],
  ['throws', `async () => { throw new DOMException('no service', 'NotSupportedError'); }`],
] as const) {
  test(`where the browser's reader ${words}, ours reads the QR code`, async ({ page, server }) => {
    await reader(page, detect);
    await scanning(page, server);
    const sheet = page.getByRole('dialog', { name: '扫码取证' });
    await sheet.getByLabel('拍照或选照片来认').setInputFiles(await picture(page, 'XUNI-MHQ-0009'));
    await expect(sheet.getByText('XUNI-MHQ-0009')).toBeVisible();
  });
}
