// A phone on a LAN: it opens the server by its address over https, with the CA that `zhicha tls init` made, and works on
// when the cable is out. Without the CA there is no app, whatever somebody clicks away.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { address, Lan, trust } from '../fixtures/lan.ts';
import { phone, Profile } from '../fixtures/profile.ts';
import { binary } from '../fixtures/server.ts';
import { test, expect, Server } from '../fixtures/test.ts';
import { Check } from '../pages/check.ts';
import { Field } from '../pages/field.ts';

const url = `https://${address}:8443`;
const visit = { site: '示例餐馆06', checklists: ['安全出口、疏散与消防设施'] };
const own = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const browserOf = (executable?: string) => (existsSync(own) ? own : (executable ?? chromium.executablePath()));

test.use({ baseURL: url });

test('on a LAN, with the CA of zhicha tls init, the app installs, and works on when the cable is out', async ({
  launchOptions,
}, info) => {
  test.setTimeout(120_000);
  const lan = await Lan.lay();
  const dataDir = await mkdtemp(join(tmpdir(), 'zhicha-e2e-'));
  execFileSync(binary, ['tls', 'init', address, '--data-dir', dataDir, '--organisation', '示例区']);
  const server = await Server.start({
    demo: true,
    dataDir,
    listen: `${address}:8443`,
    within: lan.atServer,
    args: ['--public-url', url, '--tls-help-listen', `${address}:8080`],
  });
  try {
    const { executablePath, home } = await lan.browser(browserOf(launchOptions.executablePath));
    const launch = { ...launchOptions, executablePath };
    await test.step('a phone that trusts nobody yet gets no app', async () => {
      const profile = await Profile.make(launch);
      const page = (await profile.start()).pages()[0]!;
      await expect(page.goto(url)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
      await profile.remove();

      // Somebody clicks the warning away: the page comes, and its service worker is refused.
      const careless = await chromium.launch(launch);
      const context = await careless.newContext({ ...phone, ignoreHTTPSErrors: true });
      const clicked = await context.newPage();
      const refused = clicked.waitForEvent('console', (said) => said.text().includes('SSL certificate'));
      await clicked.goto(url);
      await refused;
      expect(await clicked.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
      await careless.close();
    });

    await test.step('the page over plain http says how, and gives the CA', async () => {
      const profile = await Profile.make(launch);
      const page = (await profile.start()).pages()[0]!;
      await page.goto(`http://${address}:8080/`);
      await expect(page.getByRole('heading', { name: '苹果（iPhone、iPad）' })).toBeVisible();
      await expect(page.getByRole('img', { name: url, exact: true })).toBeVisible();
      const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(scrolls, 'nothing is wider than a phone').toBe(false);
      await page.screenshot({ path: info.outputPath('install-ca.png'), fullPage: true });
      expect(profile.watch.unexpected).toEqual([]);
      await profile.remove();
    });

    await test.step('with the CA it installs, and what is answered without the network is kept', async () => {
      trust(home, join(dataDir, 'tls/ca.crt'));
      const profile = await Profile.make(launch);
      const page = (await profile.start()).pages()[0]!;
      profile.watch.allow(/ERR_(INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NETWORK_CHANGED|CONNECTION_|TIMED_OUT)/);
      const field = new Field(page);
      await field.join(server);
      await field.readyForOffline();
      expect(await page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');

      lan.cable('out');
      await page.reload();
      await field.readyForOffline();
      const check = await field.start(visit);
      await check.rings.nth(1).click();
      await expect(check.rings.nth(1)).toHaveAttribute('aria-current', 'true');
      const row = (await check.open()).find(({ kind }) => kind === 'check')!;
      await check.tap(row.id, '合格');
      await check.saved();
      await page.screenshot({ path: info.outputPath('lan-offline.png') });
      await page.reload();
      await new Check(page).opened();
      await expect(check.row(row.id).getByRole('radio', { name: '合格', exact: true })).toBeChecked();

      lan.cable('in');
      await field.sent(60_000);
      expect(profile.watch.unexpected).toEqual([]);
      await profile.remove();
    });
  } finally {
    await server.remove();
    await lan.remove();
  }
});
