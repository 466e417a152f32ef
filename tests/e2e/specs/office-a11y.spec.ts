// The office app for everybody, on a wide screen and on a phone.
import { test, expect } from '../fixtures/test.ts';
import { violations } from '../fixtures/axe.ts';
import { Field } from '../pages/field.ts';
import { Office } from '../pages/office.ts';
import { furnish, officeScreens, speak } from '../pages/screens.ts';

test.use({ demo: true });

test('axe finds nothing on any screen of the office', async ({ page, browser, server, watch }, info) => {
  test.setTimeout(150_000);
  watch.allow(/status of 401 .*\/api\/v1\/session\)/);
  const phone = await browser.newContext({ baseURL: server.url });
  const field = new Field(await phone.newPage());
  await field.join(server);
  const { record } = await furnish(field);
  await field.sent();
  await phone.close();

  await page.goto('/office/');
  expect.soft(await violations(page), 'sign-in').toEqual([]);
  const office = new Office(page);
  await office.signIn(server, 'administrator');
  // Both languages where there is most on the screen.
  const languages = info.project.name === 'desk' ? (['zh', 'en'] as const) : (['en'] as const);
  for (const language of languages) {
    await speak(page, language);
    for (const screen of officeScreens(office, record)) {
      await screen.open(page);
      expect.soft(await violations(page), `${screen.name}, ${language}`).toEqual([]);
    }
  }
});
