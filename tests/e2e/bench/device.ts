// A browser on a profile on disk, as a phone has it, with the optimised app and server.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, test as base, type BrowserContext, type LaunchOptions, type Page } from '@playwright/test';
import { phone } from '../fixtures/profile.ts';
import { Server } from '../fixtures/server.ts';
import { Field } from '../pages/field.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  /** A server with its invented district. */
  server: Server;
  /** A browser with a profile of its own, which can be started anew. */
  phone: Device;
  /** What runs on it at first. */
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
  phone: async ({ launchOptions, server }, use) => {
    const phone = await Device.start(launchOptions, server.url);
    await use(phone);
    await phone.end();
  },
  device: async ({ phone }, use) => use(phone.context),
  field: async ({ device, server }, use) => {
    const field = new Field(device.pages()[0]!);
    await field.join(server);
    await field.readyForOffline();
    await use(field);
  },
});

/** A profile folder, and the browser that runs on it. */
export class Device {
  /** The browser. */
  context!: BrowserContext;

  private constructor(
    private readonly launch: LaunchOptions,
    private readonly baseURL: string,
    private readonly folder: string,
  ) {}

  static async start(launch: LaunchOptions, baseURL: string): Promise<Device> {
    const device = new Device(launch, baseURL, await mkdtemp(join(tmpdir(), 'zhicha-bench-')));
    await device.run();
    return device;
  }

  private async run(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.folder, {
      ...this.launch,
      baseURL: this.baseURL,
      ...phone,
    });
  }

  /** Ends the browser and starts it again without a network; ends at 今日. */
  async restart(): Promise<Field> {
    await this.context.close();
    await this.run();
    await this.context.setOffline(true);
    const page = this.context.pages()[0]!;
    await page.goto('/');
    const field = new Field(page);
    await expect(field.sync).toHaveAttribute('data-state', /offline|saved|delivered/);
    return field;
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
    // The service worker answers other addresses with the app.
    '/api/bench/': ['text/html', '<!doctype html><title>seed</title>'],
    '/api/bench/seed.js': ['text/javascript', await readFile(join(folder, 'seed.js'))],
    '/api/bench/seed_bg.wasm': ['application/wasm', await readFile(join(folder, 'seed_bg.wasm'))],
    '/api/bench/picture.jpg': ['image/jpeg', what.picture ?? Buffer.alloc(0)],
  };
  await page.route(`${server.url}/api/bench/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname]!;
    return route.fulfill({ contentType, body });
  });
  await page.goto(`${server.url}/api/bench/`);
  await page.evaluate(async ({ inspections, photos }) => {
    const path = '/api/bench/seed.js';
    const { default: start, seed } = (await import(path)) as {
      default(from: { module_or_path: string }): Promise<unknown>;
      seed(inspections: number, photos: number, checklist: string, picture: Uint8Array): Promise<void>;
    };
    await start({ module_or_path: '/api/bench/seed_bg.wasm' });
    const picture = await (await fetch('/api/bench/picture.jpg')).arrayBuffer();
    await seed(inspections, photos, 'fire-exits', new Uint8Array(picture));
  }, what);
  await page.unroute(`${server.url}/api/bench/**`);
}
