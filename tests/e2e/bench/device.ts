// A browser on a profile on disk, as a phone has it, with the optimised app and server.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, test as base, type BrowserContext, type LaunchOptions, type Page } from '@playwright/test';
import { Server } from '../fixtures/server.ts';
import { Field } from '../pages/field.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  /** A server with its invented district. */
  server: Server;
  /** A browser with a profile of its own. */
  device: BrowserContext;
  /** Its page, joined as an inspector and ready for work without a network. */
  field: Field;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await Server.start({ demo: true });
    await use(server);
    await server.remove();
  },
  device: async ({ launchOptions }, use) => {
    const device = await Device.start(launchOptions);
    await use(device.context);
    await device.end();
  },
  field: async ({ device, server }, use) => {
    const field = new Field(device.pages()[0]!);
    await field.join(server);
    await field.readyForOffline();
    await use(field);
  },
});

class Device {
  private constructor(
    readonly context: BrowserContext,
    private readonly folder: string,
  ) {}

  static async start(launch: LaunchOptions): Promise<Device> {
    const folder = await mkdtemp(join(tmpdir(), 'zhicha-bench-'));
    const context = await chromium.launchPersistentContext(folder, {
      ...launch,
      viewport: { width: 360, height: 640 },
      hasTouch: true,
      isMobile: true,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
    });
    return new Device(context, folder);
  }

  async end(): Promise<void> {
    await this.context.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What is sealed without a hand: see `tests/seed`. */
export interface Seed {
  inspections: number;
  /** To each inspection. */
  photos: number;
  /** A JPEG; every photo differs in a comment. */
  picture?: Buffer;
}

/** Fills the device with sealed inspections that wait. The app must not be open in a page. */
export async function seed(page: Page, server: Server, what: Seed): Promise<void> {
  const folder = process.env['ZHICHA_SEED']!;
  const files: Record<string, [string, string | Buffer]> = {
    '/bench/': ['text/html', '<!doctype html><title>seed</title>'],
    '/bench/seed.js': ['text/javascript', await readFile(join(folder, 'seed.js'))],
    '/bench/seed_bg.wasm': ['application/wasm', await readFile(join(folder, 'seed_bg.wasm'))],
    '/bench/picture.jpg': ['image/jpeg', what.picture ?? Buffer.alloc(0)],
  };
  await page.route(`${server.url}/bench/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname]!;
    return route.fulfill({ contentType, body });
  });
  await page.goto(`${server.url}/bench/`);
  await page.evaluate(async ({ inspections, photos }) => {
    const path = '/bench/seed.js';
    const { default: start, seed } = (await import(path)) as {
      default(): Promise<unknown>;
      seed(inspections: number, photos: number, checklist: string, picture: Uint8Array): Promise<void>;
    };
    await start();
    const picture = await (await fetch('/bench/picture.jpg')).arrayBuffer();
    await seed(inspections, photos, 'fire-exits', new Uint8Array(picture));
  }, what);
  await page.unroute(`${server.url}/bench/**`);
}

/** A JPEG of about so many bytes: noise, which nothing makes smaller. */
export async function picture(page: Page, bytes: number, width: number, height: number): Promise<Buffer> {
  const text = await page.evaluate(
    async ({ bytes, width, height }) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d')!;
      const image = context.createImageData(width, height);
      let state = 1;
      for (let at = 0; at < image.data.length; at += 4) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const near = (at >> 2) % width >> 4;
        for (let part = 0; part < 3; part += 1) image.data[at + part] = ((state >>> (8 * part)) & 63) + (near & 127);
        image.data[at + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      let best = new Blob();
      // The quality whose size is nearest.
      for (let low = 0, high = 1, turn = 0; turn < 7; turn += 1) {
        const quality = (low + high) / 2;
        best = await canvas.convertToBlob({ type: 'image/jpeg', quality });
        if (best.size > bytes) high = quality;
        else low = quality;
      }
      const found = new Uint8Array(await best.arrayBuffer());
      let text = '';
      for (let at = 0; at < found.length; at += 8192) text += String.fromCharCode(...found.subarray(at, at + 8192));
      return text;
    },
    { bytes, width, height },
  );
  return Buffer.from(text, 'latin1');
}

/** The same picture with other bytes: a comment behind the start of the image. */
export function variant(picture: Buffer, n: number): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0x00, 0x06, 0, 0, 0, 0]);
  comment.writeUInt32BE(n, 4);
  return Buffer.concat([picture.subarray(0, 2), comment, picture.subarray(2)]);
}
