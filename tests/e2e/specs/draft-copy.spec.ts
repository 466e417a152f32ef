// A draft's safety copy goes to the server by itself while there is a network.
import { test, expect } from '../fixtures/test.ts';
import { Field } from '../pages/field.ts';

test.use({ demo: true });

test('a draft is copied to the server, and again only when it changed', async ({ page, server }) => {
  test.setTimeout(150_000);
  const field = new Field(page);
  await field.join(server);
  const copies: { rev: number; bytes: string }[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT' && request.url().includes('/api/v1/drafts/')) copies.push(request.postDataJSON());
  });
  const taken = () =>
    page.waitForResponse((answer) => answer.url().includes('/api/v1/drafts/') && answer.ok(), { timeout: 90_000 });

  let next = taken();
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const [gate] = await check.open();
  await check.tap(gate!.id, '是');
  await check.saved();
  await next;
  expect(copies.length).toBe(1);

  // The newest is sent a minute later, the ones in between never.
  next = taken();
  const rows = (await check.open()).filter((row) => row.kind === 'check');
  for (const word of ['合格', '不适用']) {
    await check.tap(rows[0]!.id, word);
    await check.saved();
  }
  await next;
  expect(copies.length).toBe(2);
  const copy = JSON.parse(Buffer.from(copies[1]!.bytes, 'base64url').toString()) as {
    draft: { rev: number };
    answers: { value: { kind: string } }[];
  };
  expect(copy.draft.rev).toBe(copies[1]!.rev);
  expect(copy.answers.map((answer) => answer.value.kind)).toContain('not_applicable');
  expect(copies[1]!.rev).toBeGreaterThan(copies[0]!.rev);
});
