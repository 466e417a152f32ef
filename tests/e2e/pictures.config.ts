// `npm run pictures`: the same browser and server as the tests, but nothing is tested.
import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: './pictures',
  testMatch: '*.ts',
  projects: [{ name: 'pictures' }],
});
