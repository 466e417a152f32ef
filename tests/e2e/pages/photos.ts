// Photos at an item, in the overview, or of a sealed record.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Check } from './check.ts';

/** What a file chooser is given. */
export interface Picked {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A strip of photos inside `scope`. */
export class Photos {
  constructor(
    readonly page: Page,
    readonly scope: Locator,
  ) {}

  /** The photos; `data-state`: saving, saved, failed. */
  get tiles(): Locator {
    return this.scope.locator('li.photo');
  }

  /** Takes `count` photos with the camera in the page. */
  async take(count: number): Promise<void> {
    const before = await this.tiles.count();
    await this.scope.getByRole('button', { name: '拍照' }).click();
    const camera = this.camera;
    const shutter = camera.getByRole('button', { name: '按下快门' });
    await expect(shutter).toBeEnabled();
    for (let at = 1; at <= count; at += 1) {
      await shutter.click();
      await expect(camera.getByRole('status')).toContainText(`已拍 ${before + at} 张`);
      // Nobody taps twice within one frame; the same frame would be the same bytes, which are kept once.
      await camera.locator('video').evaluate(nextFrame);
    }
    await camera.getByRole('button', { name: '拍好了' }).click();
    await expect(camera).toBeHidden();
    await this.saved(before + count);
  }

  /** The sheet with the camera. */
  get camera(): Locator {
    return this.page.getByRole('dialog', { name: '拍照' });
  }

  /** Hands over files of the device. */
  async pick(...files: Picked[]): Promise<void> {
    await this.scope.getByLabel('附件').setInputFiles(files);
  }

  /** Waits until `count` photos are there, all of them on the disk, with their thumbnails. */
  async saved(count: number): Promise<void> {
    await expect(this.tiles).toHaveCount(count);
    for (let at = 0; at < count; at += 1) {
      await expect(this.tiles.nth(at)).toHaveAttribute('data-state', 'saved');
    }
  }

  /** Waits until all of them show a picture. */
  async drawn(count: number): Promise<void> {
    await expect(this.tiles.locator('img')).toHaveCount(count);
  }

  /** Opens one large. */
  async open(at: number, title = '看照片'): Promise<Locator> {
    await this.tiles.nth(at).getByRole('button').click();
    const sheet = this.page.getByRole('dialog', { name: title, exact: true });
    await expect(sheet).toBeVisible();
    return sheet;
  }
}

// Runs in the page.
function nextFrame(video: Element): Promise<unknown> {
  return new Promise((done) => (video as HTMLVideoElement).requestVideoFrameCallback(done));
}

/** Fails the first item that can fail, and opens its finding sheet. */
export async function failed(check: Check): Promise<Photos> {
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  const row = (await check.open()).find((open) => open.kind === 'check')!;
  await check.tap(row.id, '不合格');
  await check.row(row.id).getByRole('button', { name: '还差' }).click();
  return new Photos(check.page, check.page.getByRole('dialog', { name: '不合格' }));
}

/** A JPEG of the browser's own making. */
export async function jpeg(page: Page, width = 3000, height = 2000): Promise<Buffer> {
  const text = await page.evaluate(async ([w, h]) => {
    const canvas = new OffscreenCanvas(w!, h!);
    const context = canvas.getContext('2d')!;
    for (let at = 0; at < 400; at += 1) {
      context.fillStyle = `hsl(${at * 37} 60% 50%)`;
      context.fillRect((at * 977) % w!, (at * 613) % h!, w! / 9, h! / 9);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }, [width, height]);
  return Buffer.from(text, 'latin1');
}
