import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStaticFiles } from '../../gateway/approver/static-files.ts';
import { type ApproverUnderTest, ORIGIN, startApprover } from '../gateway/approver/approver-under-test.ts';
import { Desk } from '../gateway/approver/desk-in-software.ts';
import { buildApproverPage } from './built-page.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const STEP_TIMEOUT_MS = 10_000;

let built: Awaited<ReturnType<typeof buildApproverPage>>;
let approver: ApproverUnderTest;
let browser: Browser;
beforeAll(async () => {
  built = await buildApproverPage();
  approver = await startApprover({ files: await readStaticFiles(built.folder) });
  // The gateway's origin is agreed before its port is known: the browser is told where that origin is.
  const rule = `MAP ${new URL(ORIGIN).host} 127.0.0.1:${new URL(approver.url).port}`;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', `--host-resolver-rules=${rule}`],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await approver?.close();
  await built?.remove();
});

async function enroll(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Skip the test' }).click();
  await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
}

test('page and gateway: enrolled, approved, locked, refused, “not me”, signed out and in again', async () => {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  await addAuthenticator(page);
  const desk = await Desk.at(approver);
  await enroll(page, await desk.enrollmentLink());

  const first = await desk.asks();
  await page.getByRole('heading', { name: 'Ada’s desk asks for you' }).waitFor();
  await page.getByText('office').waitFor();
  await page.getByRole('radio', { name: first.number }).check({ force: true });
  await page.getByRole('button', { name: `Approve ${first.number} with passkey` }).click();
  await page.getByRole('heading', { name: 'Approved' }).waitFor();
  await desk.becomes(first.sessionId, 'active');
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('link', { name: 'Workstations' }).click();
  await page.getByRole('button', { name: 'Pause…' }).click();
  await page.getByRole('radio', { name: '5 minutes', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Pause with passkey' }).click();
  const { sessionId, minutes } = await desk.client.next('command.pause');
  expect({ sessionId, minutes }).toEqual({ sessionId: first.sessionId, minutes: 5 });
  desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'paused' });
  await page.getByText(/^Paused until .* at the latest$/).waitFor();
  await page.getByRole('button', { name: 'Lock now' }).click();
  await page.getByRole('status').getByText('was told to lock').waitFor();
  await desk.client.next('command.lock');

  const second = await desk.asks();
  await page.getByRole('heading', { name: 'Ada’s desk asks for you' }).waitFor();
  const offered = await page.getByRole('radio').evaluateAll((all) => all.map((one) => one.getAttribute('value')));
  const wrong = offered.find((number) => number !== second.number) ?? '';
  await page.getByRole('radio', { name: wrong }).check({ force: true });
  await page.getByRole('button', { name: `Approve ${wrong} with passkey` }).click();
  await page.getByRole('heading', { name: 'That was another number' }).waitFor();
  expect(await desk.statusOf(second.sessionId)).not.toBe('active');

  await desk.asks();
  await page.getByRole('button', { name: 'That wasn’t me…' }).click();
  await page.getByRole('button', { name: 'Lock it and block it' }).click();
  await page.getByRole('heading', { name: 'Locked and blocked' }).waitFor();
  await page.getByRole('link', { name: 'Workstations' }).click();
  await page.getByText('it cannot ask you').waitFor();

  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByText('You said: that wasn’t me').waitFor();

  await page.getByRole('link', { name: 'Phones' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with passkey' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await context.close();
});
