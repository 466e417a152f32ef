// The policy holds on every screen, injected script does not run, and nothing outside the precache
// list is needed to start without a network. The watch of each test fails on violations and errors.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { fieldScreens, furnish, officeScreens, strangerScreens } from '../pages/screens.ts';

test.use({ demo: true });

const markup = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>';

test('no violation and no console error on any screen', async ({ page, server, watch }) => {
  test.setTimeout(120_000);
  for (const screen of strangerScreens(server)) await screen.open(page);
  await page.goto('about:blank');
  const field = new Field(page);
  await field.join(server);
  const furnished = await furnish(field);
  for (const screen of fieldScreens(furnished)) await screen.open(page);
  await page.goto('/');
  await field.sent();
  expect(watch.unexpected).toEqual([]);

  // Nobody is signed in at first; Chromium logs that answer by itself.
  watch.allow(/status of 401 .*\/api\/v1\/session\)/);
  await page.goto('about:blank');
  await page.context().clearCookies();
  const office = new Office(await page.context().newPage());
  await office.signIn(server, 'administrator');
  for (const screen of officeScreens(office, furnished.record)) await screen.open(office.page);
});

test('script in what people type is text everywhere', async ({ page, context, server, watch }) => {
  // The phone's session ends before the office's begins: both are in one browser here.
  watch.allow(/status of 401/);
  const field = new Field(page);
  await field.join(server);
  const check = await field.start({ site: markup, typed: true, checklists: ['电动自行车停放充电'] });
  const record = page.url().slice(-36);
  const overview = await check.overview();
  await overview.checkedInPart(markup);
  await page.getByLabel('备注').fill(markup);
  await overview.fillPeople();
  await overview.seal();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(markup);
  await field.delivered();
  await context.clearCookies();
  const office = new Office(await context.newPage());
  await office.signIn(server, 'supervisor');
  await office.page.goto(`/office/records/${record}`);
  await expect(office.page.getByRole('heading', { level: 1 })).toHaveText(markup);
  for (const open of [page, office.page]) {
    expect(await open.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined();
  }
});

test('an injected inline script and foreign requests are refused', async ({ page, watch }) => {
  watch.allow(/CSP|Content Security Policy|TrustedHTML|TrustedScript|ERR_BLOCKED/i);
  await page.goto('/');
  const tried = await page.evaluate(async () => {
    const thrown = (attempt: () => unknown) => {
      try {
        attempt();
        return 'ran';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const script = document.createElement('script');
    const text = thrown(() => {
      script.append('window.ran = 1');
      document.head.append(script);
    });
    const foreign = await fetch('https://example.invalid/').then(
      () => 'answered',
      (error: Error) => error.name,
    );
    return {
      text,
      html: thrown(() => (document.body.innerHTML = '<b>x</b>')),
      // Later: what the test driver runs itself is exempt from the policy.
      evaluated: await new Promise((done) => setTimeout(() => done(thrown(() => (0, eval)('1'))))),
      foreign,
      ran: (window as unknown as { ran?: number }).ran,
    };
  });
  expect(tried).toMatchObject({ html: 'TypeError', evaluated: 'EvalError', foreign: 'TypeError' });
  expect(tried.ran).toBeUndefined();
});

test('a cold start without a network needs nothing outside the precache list', async ({ page, context, server, request }) => {
  const field = new Field(page);
  await field.join(server);
  await field.readyForOffline();
  const { record, draft } = await furnish(field);
  const list = (await (await request.get('/field/precache.json')).json()) as { path: string }[];
  const known = new Set(list.map((file) => file.path));
  await page.close();

  await context.setOffline(true);
  const asked: string[] = [];
  const failed: string[] = [];
  const path = (url: string) => new URL(url).pathname;
  context.on('request', (request) => {
    if (!request.isNavigationRequest()) asked.push(path(request.url()));
  });
  // What a page was loading when it was left is not missing.
  const left = 'net::ERR_ABORTED';
  context.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== left) failed.push(path(request.url()));
  });
  const cold = await context.newPage();
  await cold.goto('/');
  const again = new Field(cold);
  await again.readyForOffline();
  await cold.goto(`/inspect/${draft}`);
  await expect(cold.locator('li.item').first()).toBeVisible();
  await cold.goto(`/records/${record}`);
  await expect(cold.getByText('已封存，只能更正').first()).toBeVisible();

  const files = asked.filter((file) => !file.startsWith('/api/'));
  expect(files.filter((file) => !known.has(file))).toEqual([]);
  expect(files.length).toBeGreaterThan(2);
  expect(failed.filter((file) => !file.startsWith('/api/'))).toEqual([]);
});
