import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStaticFiles } from '../../gateway/approver/static-files.ts';
import { type ApproverUnderTest, ORIGIN, startApprover } from '../gateway/approver/approver-under-test.ts';
import { Desk } from '../gateway/approver/desk-in-software.ts';
import { buildApproverPage } from './built-page.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const STEP_TIMEOUT_MS = 10_000;
/** Each attempt has a person, and a workstation, of its own: the one before has a phone, and may have been reported. */
let attempts = 0;

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
  attempts += 1;
  const person = `person-${attempts}`;
  const desk = await Desk.at(approver, `device-${attempts}`);
  await enroll(page, await desk.enrollmentLink(person));

  const first = await desk.asks(person);
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

  const second = await desk.asks(person);
  await page.getByRole('heading', { name: 'Ada’s desk asks for you' }).waitFor();
  const offered = await page.getByRole('radio').evaluateAll((all) => all.map((one) => one.getAttribute('value')));
  const wrong = offered.find((number) => number !== second.number) ?? '';
  await page.getByRole('radio', { name: wrong }).check({ force: true });
  await page.getByRole('button', { name: `Approve ${wrong} with passkey` }).click();
  await page.getByRole('heading', { name: 'That was another number' }).waitFor();
  expect(await desk.statusOf(second.sessionId)).not.toBe('active');

  await desk.asks(person);
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

test('page and gateway: a second workstation is taken on with the one passkey, and asks it at once', async () => {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  await addAuthenticator(page);
  attempts += 1;
  const [first, second] = [`person-${attempts}`, `laptop-${attempts}`];
  const desk = await Desk.at(approver, `device-${attempts}`);
  const laptop = await Desk.at(approver, `device-${attempts}-laptop`);
  await enroll(page, await desk.enrollmentLink(first));
  await page.goto(await laptop.enrollmentLink(second));
  await page.getByRole('heading', { name: 'Add Ada to this phone' }).waitFor();
  await page.getByRole('button', { name: 'Add workstation' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  const { sessionId, number } = await laptop.asks(second, { reason: 'enrollment-test' });
  await page.getByRole('radio', { name: number }).check({ force: true });
  await page.getByRole('button', { name: `Approve ${number} with passkey` }).click();
  await page.getByRole('heading', { name: 'The test worked' }).waitFor();
  await laptop.becomes(sessionId, 'active');
  expect(approver.service.phones.of(first)).toHaveLength(1);
  await context.close();
});
