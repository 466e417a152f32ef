// `cargo xtask bench`: the same browser and server as the tests, optimised, one row after the other.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  testMatch: '*.row.ts',
  testIgnore: [],
  workers: 1,
  timeout: 30 * 60_000,
  // Recording costs what is measured.
  use: { ...base.use, trace: 'off', screenshot: 'off' },
  projects: [{ name: 'bench' }],
});
