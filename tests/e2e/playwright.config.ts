// How the browser tests run: the real server, Chromium, a phone's screen first.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { defineConfig } from '@playwright/test';
import type { ServerOptions } from './fixtures/test.ts';

// Debian's Chromium when it is there; otherwise the one that Playwright downloaded.
const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig<ServerOptions>({
  testDir: './specs',
  // Two runs at once need two folders.
  outputDir: process.env['E2E_OUTPUT'] ?? './test-results',
  // The walks over every screen and the waits of a minute take long, and a LAN takes root: with `cargo xtask test --all`.
  testIgnore: process.env['ZHICHA_TEST_ALL']
    ? []
    : ['**/*a11y.spec.ts', '**/csp.spec.ts', '**/draft-copy.spec.ts', '**/lan.spec.ts', '**/many-photos.spec.ts'],
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  retries: 0,
  workers: cpus().length > 2 ? 2 : 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    headless: true,
    actionTimeout: 15_000,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    serviceWorkers: 'allow',
    // A seventh of the time; E2E_TRACE=1 to look into a failure.
    trace: process.env['E2E_TRACE'] ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // A camera that shows a test picture; whether a page may use it, each test says.
        '--use-fake-device-for-media-stream',
        // A plain-http address that is not loopback: what a phone sees without a certificate.
        '--host-resolver-rules=MAP insecure.test 127.0.0.1',
      ],
    },
  },
  projects: [
    {
      name: 'phone',
      use: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
    },
    {
      // Specs of the office app, and those that say they also hold on a wide screen.
      name: 'desk',
      testMatch: ['**/office*.spec.ts', '**/*.wide.spec.ts'],
      use: { viewport: { width: 1280, height: 800 } },
    },
  ],
});
