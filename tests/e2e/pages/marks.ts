// The sheet in which a photo is marked.
import { expect, type Locator, type Page } from '@playwright/test';

/** A point of the picture, in shares of its width and height. */
export type Spot = [x: number, y: number];

/** The sheet; open it with {@link Marks.open}. */
export class Marks {
  readonly sheet: Locator;

  private constructor(readonly page: Page) {
    this.sheet = page.getByRole('dialog', { name: /标记照片|Mark up photo/ });
  }

  /** Opens it from a photo that is shown large, and waits until the picture is there. */
  static async open(large: Locator): Promise<Marks> {
    const marks = new Marks(large.page());
    await large.getByRole('button', { name: /^(标记|Mark up)$/ }).click();
    await expect(marks.canvas).toBeVisible();
    return marks;
  }

  /** The picture with what is drawn. */
  get canvas(): Locator {
    return this.sheet.getByRole('img');
  }

  /** Chooses a tool by its name. */
  async tool(name: string): Promise<void> {
    await this.sheet.getByRole('radio', { name, exact: true }).check();
  }

  /** Draws with a tool from one point to another. */
  async draw(tool: string, from: Spot, to: Spot): Promise<void> {
    await this.tool(tool);
    const [start, end] = [await this.at(from), await this.at(to)];
    await this.page.mouse.move(...start);
    await this.page.mouse.down();
    await this.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2);
    await this.page.mouse.move(...end);
    await this.page.mouse.up();
  }

  /** Writes words onto the picture. */
  async write(words: string, at: Spot): Promise<void> {
    await this.tool('文字');
    await this.sheet.getByRole('textbox', { name: '要写的字' }).fill(words);
    await this.page.mouse.click(...(await this.at(at)));
  }

  /** Waits until so many marks are there. */
  async count(count: number): Promise<void> {
    await expect(this.sheet.getByRole('status')).toHaveText(count ? `已画 ${count} 处` : '');
  }

  /** A button by its name. */
  button(name: string): Locator {
    return this.sheet.getByRole('button', { name, exact: true });
  }

  /** Saves and waits until that is done. */
  async save(name = '存下标记'): Promise<void> {
    await this.button(name).click();
    await expect(this.sheet).toBeHidden();
  }

  // The picture stands whole and in the middle of the canvas.
  private async at([x, y]: Spot): Promise<[number, number]> {
    const box = (await this.canvas.boundingBox())!;
    const [width, height] = await this.canvas.evaluate((c: HTMLCanvasElement) => [c.width, c.height]);
    const scale = Math.min(box.width / width!, box.height / height!);
    const [w, h] = [width! * scale, height! * scale];
    return [box.x + (box.width - w) / 2 + x * w, box.y + (box.height - h) / 2 + y * h];
  }
}

/** A JPEG of squares of `side` pixels, each of another colour: what is blurred loses them. */
export async function squares(page: Page, width = 1600, height = 1200, side = 20): Promise<Buffer> {
  const text = await page.evaluate(
    async ([w, h, s]) => {
      const canvas = new OffscreenCanvas(w!, h!);
      const context = canvas.getContext('2d')!;
      for (let x = 0; x < w!; x += s!) {
        for (let y = 0; y < h!; y += s!) {
          context.fillStyle = (x + y) % (2 * s!) ? '#f4f0d0' : `hsl(${(x * 7 + y * 3) % 360} 60% 35%)`;
          context.fillRect(x, y, s!, s!);
        }
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    },
    [width, height, side],
  );
  return Buffer.from(text, 'latin1');
}

/** A part of a picture, in shares of its width and height. */
export type Part = [left: number, top: number, right: number, bottom: number];

/** How two pictures compare in a part of them. */
export interface Compared {
  /** Mean difference of neighbouring squares, 0 to 255, in each of them. */
  detail: [number, number];
  /** Mean difference of the two, 0 to 255. */
  apart: number;
}

/** Compares two pictures at addresses of the page's server, decoded by the browser, at the size of the second. */
export function compare(page: Page, addresses: [string, string], part: Part, side = 20): Promise<Compared> {
  return page.evaluate(
    async ([addresses, [left, top, right, bottom], side]) => {
      const pictures = await Promise.all(
        addresses.map(async (address) => createImageBitmap(await (await fetch(address)).blob())),
      );
      const { width, height } = pictures[1]!;
      const [x, y] = [Math.round(left * width), Math.round(top * height)];
      const [w, h] = [Math.round((right - left) * width), Math.round((bottom - top) * height)];
      const [a, b] = pictures.map((picture) => {
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.drawImage(picture, 0, 0, width, height);
        return context.getImageData(x, y, w, h).data;
      });
      const detail = (data: Uint8ClampedArray) => {
        let [sum, count] = [0, 0];
        for (let row = 0; row < h; row += 1) {
          for (let at = 0; at + side < w; at += 1, count += 1) {
            const i = (row * w + at) * 4;
            sum += Math.abs(data[i]! - data[i + side * 4]!);
          }
        }
        return sum / count;
      };
      let apart = 0;
      for (let i = 0; i < a!.length; i += 4) apart += Math.abs(a![i]! - b![i]!);
      return { detail: [detail(a!), detail(b!)] as [number, number], apart: apart / (a!.length / 4) };
    },
    [addresses, part, side] as const,
  );
}
