// Makes the pictures of docs/evidence.md: the camera, a photo that is being marked, a signature, and two photos side by side, in
// both languages. The site, its people and what the camera sees are invented: `npm run pictures`.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Marks } from '../pages/marks.ts';
import { Office } from '../pages/office.ts';
import { people } from '../pages/overview.ts';
import { Photos } from '../pages/photos.ts';
import { speak } from '../pages/screens.ts';

test.use({ demo: true });

const out = resolve(import.meta.dirname, '../../../docs/pictures');
const languages = ['zh', 'en'] as const;
const place = { latitude: 31.2304, longitude: 121.4737, accuracy: 12 };

/** A stairwell nobody has ever stood in: `boxes` of them in the way. */
async function scene(browser: Browser, boxes: number): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
  await page.setContent('<canvas width="1280" height="960" style="position:fixed;inset:0"></canvas>');
  await page.evaluate((boxes) => {
    const context = document.querySelector('canvas')!.getContext('2d')!;
    const area = (colour: string, ...points: [number, number][]) => {
      context.fillStyle = colour;
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.fill();
    };
    area('#d9dcd6', [0, 0], [1280, 0], [1280, 960], [0, 960]);
    area('#b9beb6', [0, 0], [400, 190], [400, 660], [0, 960]);
    area('#c4c9c1', [1280, 0], [880, 190], [880, 660], [1280, 960]);
    area('#8d938b', [0, 960], [400, 660], [880, 660], [1280, 960]);
    area('#f0f1ec', [0, 0], [400, 190], [880, 190], [1280, 0]);
    area('#6b5646', [540, 300], [740, 300], [740, 660], [540, 660]);
    area('#2f8f4e', [560, 232], [720, 232], [720, 282], [560, 282]);
    context.fillStyle = '#fff';
    context.font = '30px sans-serif';
    context.textAlign = 'center';
    context.fillText('虚构出口', 640, 268);
    for (let at = 0; at < boxes; at += 1) {
      const [x, y, size] = [430 + (at % 3) * 130, 720 - Math.floor(at / 3) * 112, 122];
      area('#b98a55', [x, y], [x + size, y], [x + size, y + size * 0.9], [x, y + size * 0.9]);
      area('#d3a671', [x, y], [x + 22, y - 24], [x + size + 22, y - 24], [x + size, y]);
      area('#9a7143', [x + size, y], [x + size + 22, y - 24], [x + size + 22, y + size * 0.9 - 24], [x + size, y + size * 0.9]);
      area('#efe3c8', [x + 44, y], [x + 70, y], [x + 70, y + size * 0.9], [x + 44, y + size * 0.9]);
    }
  }, boxes);
  const picture = await page.screenshot({ type: 'jpeg', quality: 90 });
  await page.close();
  return picture;
}

async function shot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: join(out, `${name}.png`) });
}

/** What the buttons are called. */
const said = {
  camera: /^(拍照|Take photo)$/,
  shutter: /^(按下快门|Take the photo)$/,
  done: /^(拍好了|Done)$/,
  tools: { zh: ['箭头', '方框', '打码'], en: ['Arrow', 'Box', 'Blur'] },
  field: /^(签名区|Signature field)$/,
  beside: /^(并排看第 2 张|Put number 2 beside it)$/,
};

async function firstFinding(page: Page): Promise<Photos> {
  await page.locator('button.raised').first().click();
  return new Photos(page, page.getByRole('dialog').first());
}

test('pictures of evidence', async ({ launchOptions, browser, server }) => {
  test.setTimeout(300_000);
  const [blocked, clear] = [await scene(browser, 6), await scene(browser, 0)];
  const film = join(mkdtempSync(join(tmpdir(), 'zhicha-film-')), 'film.mjpeg');
  writeFileSync(film, blocked);
  const args = [...(launchOptions.args ?? []), `--use-file-for-fake-video-capture=${film}`];
  const own = await chromium.launch({ ...launchOptions, args });
  const phone = await own.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    baseURL: server.url,
    viewport: { width: 360, height: 640 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    permissions: ['camera', 'geolocation'],
    geolocation: place,
  });
  const page = await phone.newPage();
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: '示例餐馆06', checklists: ['安全出口、疏散与消防设施'] });
  await check.rings.nth(1).click();
  const item = (await check.open()).find((open) => open.kind === 'check')!;
  await check.tap(item.id, '不合格');
  const photos = await firstFinding(page);
  await photos.take(1);
  await photos.pick({ name: 'clear.jpg', mimeType: 'image/jpeg', buffer: clear });
  await photos.drawn(2);
  await page.getByRole('button', { name: '记好了' }).click();
  await check.saved();
  const address = page.url();

  for (const language of languages) {
    await speak(page, language);
    await page.goto(address);
    const strip = await firstFinding(page);
    await strip.scope.getByRole('button', { name: said.camera }).click();
    const camera = page.getByRole('dialog').filter({ has: page.locator('video') }).last();
    await expect(camera.getByRole('button', { name: said.shutter })).toBeEnabled();
    await expect(camera.getByRole('status')).toContainText('±12');
    await shot(page, `camera-${language}`);
    await camera.getByRole('button', { name: said.done }).click();
    await strip.tiles.first().getByRole('button').click();
    await mark(page.getByRole('dialog').filter({ has: page.locator('dl') }).last(), said.tools[language]);
    await shot(page, `marks-${language}`);
  }

  await speak(page, 'zh');
  await page.goto(address);
  const overview = await check.overview();
  await overview.checkedInPart('虚构：只看了后门');
  await page.getByRole('group', { name: '检查人员 1' }).getByLabel('执法证号').fill('示例-001');
  const site = page.locator('section', { has: page.getByRole('heading', { name: '单位代表' }) });
  await site.getByLabel('姓名').fill(people.representative);
  await field.save.and(page.locator('[data-state=saved]')).waitFor({ state: 'attached' });
  for (const language of languages) {
    await speak(page, language);
    await page.reload();
    await page.getByRole('button', { name: new RegExp(`^${people.representative}[：:]`) }).click();
    const sheet = page.getByRole('dialog').last();
    await scrawl(page, sheet.getByRole('img', { name: said.field }));
    await shot(page, `signature-${language}`);
  }

  await speak(page, 'zh');
  await page.reload();
  await overview.draw(people.inspector);
  await overview.draw(people.representative);
  const record = await overview.seal();
  await field.delivered();

  const desk = await own.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1280, height: 800 } });
  const office = new Office(await desk.newPage());
  await office.signIn(server, 'supervisor');
  for (const language of languages) {
    await speak(office.page, language);
    await office.page.goto(`${server.url}/office/records/${record}`);
    await office.page.locator('section li button:has(img)').first().click();
    const sheet = office.page.getByRole('dialog').last();
    await sheet.getByRole('button', { name: said.beside }).click();
    for (const image of await sheet.locator('figure img').all()) {
      await expect.poll(() => image.evaluate((picture: HTMLImageElement) => picture.naturalWidth)).toBeGreaterThan(300);
    }
    await shot(office.page, `comparison-${language}`);
  }
  await own.close();
});

async function mark(large: Locator, [arrow, frame, blur]: string[]): Promise<void> {
  const marks = await Marks.open(large);
  await marks.draw(frame!, [0.3, 0.55], [0.66, 0.88]);
  await marks.draw(arrow!, [0.85, 0.35], [0.68, 0.58]);
  await marks.draw(blur!, [0.42, 0.22], [0.58, 0.32]);
}

// A name as a hurried hand writes it.
async function scrawl(page: Page, pen: Locator): Promise<void> {
  await pen.scrollIntoViewIfNeeded();
  const box = (await pen.boundingBox())!;
  const strokes = [
    [[0.15, 0.35], [0.2, 0.75], [0.28, 0.3], [0.34, 0.7]],
    [[0.4, 0.6], [0.46, 0.4], [0.52, 0.62], [0.58, 0.4]],
    [[0.55, 0.75], [0.7, 0.35], [0.78, 0.7], [0.88, 0.5]],
  ] as const;
  for (const [first, ...rest] of strokes) {
    const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + box.width * x, box.y + box.height * y];
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 8 });
    await page.mouse.up();
  }
}
