import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApproverState } from '../../protocol/approver-state.ts';
import { launchBrowser } from '../renderer/browser.ts';
import { buildApproverPage } from './built-page.ts';
import { DESK, exampleRequest, exampleState } from './example-states.ts';
import { ENROLLMENT_CODE } from './gateway-double.ts';
import { type Phone, type PhoneLook, withPhone } from './phone.ts';

let built: Awaited<ReturnType<typeof buildApproverPage>>;
let browser: Browser;
beforeAll(async () => {
  [built, browser] = await Promise.all([buildApproverPage(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

const phone = (use: (phone: Phone) => Promise<void>, over: Partial<ApproverState> = {}, look: PhoneLook = {}) =>
  withPhone({ browser, folder: built.folder, state: exampleState(Date.now(), over) }, { signedIn: true, ...look }, use);

/** A phone that has its passkey and shows the ordinary pages. */
async function enrolled({ page, gateway, open }: Phone): Promise<void> {
  // A link of a phone: one of a workstation would be taken on without a passkey.
  gateway.ofWorkstation = null;
  await open(`#enroll=${ENROLLMENT_CODE}`);
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Skip the test' }).click();
}

async function pick({ page }: Phone, number: string): Promise<void> {
  await page.getByRole('radio', { name: number }).check({ force: true });
  await page.getByRole('button', { name: `Approve ${number} with passkey` }).click();
}

describe('a request', () => {
  test('says who asks, from which network, why and until when, and is approved with number and passkey', async () => {
    await phone(async (own) => {
      const { page, gateway } = own;
      await enrolled(own);
      gateway.become({ requests: [exampleRequest(Date.now())] });
      await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor();
      const facts = await page.locator('.facts').innerText();
      expect(facts).toContain('Someone unlocked it and waits');
      expect(facts).toContain('Office 3rd floor');
      expect(await page.getByRole('timer').getAttribute('aria-label')).toMatch(/^5\d seconds left$/);
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('DESK-0412 asks for you');
      await pick(own, '47');
      await page.getByRole('heading', { name: 'Approved' }).waitFor();
      expect(gateway.called('request.begin')).toEqual([{ requestId: 'request-0000000000001', number: '47' }]);
      expect(gateway.called('request.approve')).toHaveLength(1);
      expect(await own.violations()).toEqual([]);
    });
  });

  test('is not approved before a number is chosen', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await page.getByRole('button', { name: 'Approve with passkey' }).click();
        await page.getByRole('alert').getByText('Choose the number first.').waitFor();
        expect(gateway.calls).toEqual([]);
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('with another number is refused, and the page says that nothing was approved', async () => {
    await phone(async (own) => {
      await enrolled(own);
      own.gateway.become({ requests: [exampleRequest(Date.now())] });
      await pick(own, '18');
      await own.page.getByRole('heading', { name: 'That was another number' }).waitFor();
    });
  });

  test('stays when the passkey is not used, and can be tried again', async () => {
    await phone(async (own) => {
      const { page, gateway, verifyPerson } = own;
      await enrolled(own);
      await verifyPerson(false);
      gateway.become({ requests: [exampleRequest(Date.now())] });
      await pick(own, '47');
      await page.getByRole('alert').getByText('The passkey was not used.').waitFor();
      expect(gateway.called('request.approve')).toEqual([]);
      await verifyPerson(true);
      await page.getByRole('button', { name: 'Approve 47 with passkey' }).click();
      await page.getByRole('heading', { name: 'Approved' }).waitFor();
    });
  });

  test('is denied with one press, without the passkey', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await page.getByRole('button', { name: 'Deny' }).click();
        await page.getByRole('heading', { name: 'Denied' }).waitFor();
        expect(gateway.calls.map(({ call }) => call)).toEqual(['request.deny']);
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test.for([
    ['unlock', 'DESK-0412 stays locked.'],
    ['renewal', 'DESK-0412 locks when your time there ends.'],
    ['pause', 'DESK-0412 stays guarded.'],
  ] as const)('denied says what happens next: %s', async ([reason, sentence]) => {
    await phone(
      async ({ page, open }) => {
        await open();
        await page.getByRole('button', { name: 'Deny' }).click();
        await page.getByText(sentence).waitFor();
      },
      { requests: [exampleRequest(Date.now(), { reason })] },
    );
  });

  test('“that wasn’t me” is explained before it is done, and is not Deny', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await page.getByRole('button', { name: 'That wasn’t me…' }).click();
        await page.getByText('it cannot ask you again for a while').waitFor();
        expect(gateway.calls).toEqual([]);
        await page.getByRole('button', { name: 'Lock it and block it' }).click();
        await page.getByRole('heading', { name: 'Locked and blocked' }).waitFor();
        expect(gateway.calls.map(({ call }) => call)).toEqual(['request.not-me']);
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('whose time runs out in front of the person is over, without asking the gateway', async () => {
    await phone(
      async ({ page, open }) => {
        await open();
        await page.getByRole('heading', { name: 'This request is over' }).waitFor();
        await page.getByText('It was not answered in time.').waitFor();
      },
      { requests: [exampleRequest(Date.now(), { expiresAt: Date.now() + 6_000 })] },
    );
  });

  test('answered on another phone says so', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await expect.poll(() => gateway.openSockets).toBe(1);
        const activity = [{ at: Date.now(), kind: 'approved' as const, workstation: 'DESK-0412', phone: 'Other' }];
        gateway.become({ requests: [], activity });
        await page.getByText('It was approved on another phone of yours.').waitFor();
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('that a newer one replaced is never shown again: the newer one is', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await page.getByRole('radio', { name: '47' }).check({ force: true });
        const newer = exampleRequest(Date.now(), {
          requestId: 'request-0000000000002',
          requestedAt: Date.now(),
          numbers: ['21', '34', '55'],
        });
        gateway.become({ requests: [newer] });
        await page.getByRole('radio', { name: '34' }).waitFor();
        expect(await page.getByRole('radio', { checked: true }).count(), 'the choice for the old one is gone').toBe(0);
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('that was missing from one state and is there in the next is shown, not the word that it is over', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await expect.poll(() => gateway.openSockets).toBe(1);
        const { requests } = gateway.state;
        gateway.become({ requests: [] });
        await page.getByRole('heading', { name: 'This request is over' }).waitFor();
        gateway.become({ requests });
        await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor();
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('comes to the front from any page', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open('#activity');
      await expect.poll(() => gateway.openSockets).toBe(1);
      gateway.become({ requests: [exampleRequest(Date.now())] });
      await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor();
    });
  });
});

describe('the truth', () => {
  test('is asked for when somebody comes back to the page, and the socket is opened again after it broke', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open();
      await expect.poll(() => gateway.openSockets).toBe(1);
      gateway.dropSockets();
      await expect.poll(() => gateway.openSockets, { timeout: 10_000 }).toBe(1);
      gateway.become({ requests: [exampleRequest(Date.now())] }, { quietly: true });
      await page.evaluate(() => window.dispatchEvent(new Event('focus')));
      await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor({ timeout: 5_000 });
    });
  });

  test('is asked for in short steps where sockets do not get through', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.socketsRefused = true;
      await open();
      gateway.become({ requests: [exampleRequest(Date.now())] });
      await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor({ timeout: 10_000 });
    });
  });

  test('is not pretended to: without the gateway the request disappears, and comes back with it', async () => {
    await phone(
      async ({ page, gateway, open }) => {
        await open();
        await expect.poll(() => gateway.openSockets).toBe(1);
        gateway.goDown();
        await page.getByRole('heading', { name: 'No connection to the gateway' }).waitFor();
        expect(await page.getByRole('radio').count()).toBe(0);
        gateway.down = false;
        await page.getByRole('heading', { name: 'DESK-0412 asks for you' }).waitFor();
      },
      { requests: [exampleRequest(Date.now())] },
    );
  });

  test('ends with the session', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open('#workstations');
      await expect.poll(() => gateway.openSockets).toBe(1);
      gateway.signOut();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await page.getByText('DESK-0412').count()).toBe(0);
    });
  });
});

describe('workstations and phones', () => {
  test('a workstation is locked and its session ended from the phone', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open('#workstations');
      await page.getByRole('button', { name: 'Lock now' }).click();
      await page.getByRole('status').getByText('DESK-0412 was told to lock.').waitFor();
      await page.getByRole('button', { name: 'End session' }).click();
      await page.getByRole('status').getByText('Your session at DESK-0412 has ended.').waitFor();
      expect(gateway.calls).toEqual([
        { call: 'workstation.lock', request: { workstationId: DESK } },
        { call: 'workstation.end', request: { workstationId: DESK } },
      ]);
    });
  });

  test('a workstation is removed from the phone, after a question and with the passkey', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await enrolled(own);
      gateway.fresh = false;
      await open('#workstations');
      const entry = page.getByRole('listitem').filter({ hasText: 'DESK-0412' });
      await entry.getByRole('button', { name: 'Remove…' }).click();
      await page.getByText('it can no longer ask you until you enroll it there again').waitFor();
      expect(gateway.called('workstation.remove')).toEqual([]);
      await entry.getByRole('button', { name: 'Remove', exact: true }).click();
      await page.getByRole('status').getByText('DESK-0412 is removed.').waitFor();
      expect(gateway.called('workstation.remove').at(-1)).toEqual({ workstationId: DESK });
      expect(gateway.called('sign-in.finish')).toHaveLength(1);
    });
  });

  test('a workstation is paused for the minutes chosen, and not without the passkey', async () => {
    await phone(async (own) => {
      const { page, gateway, verifyPerson } = own;
      await enrolled(own);
      await page.getByRole('link', { name: 'Workstations' }).click();
      await page.getByRole('button', { name: 'Pause…' }).click();
      expect(await page.getByRole('radio', { checked: true }).getAttribute('value'), 'chosen already').toBe('15');
      expect(await page.getByRole('radio').evaluateAll((all) => all.map((one) => one.getAttribute('value')))).toEqual([
        '5',
        '15',
        '30',
        '60',
      ]);
      await page.getByRole('radio', { name: '30 minutes' }).check({ force: true });
      await verifyPerson(false);
      await page.getByRole('button', { name: 'Pause with passkey' }).click();
      await page.getByRole('alert').getByText('The passkey was not used. Nothing has changed.').waitFor();
      expect(gateway.called('workstation.pause')).toEqual([]);
      await verifyPerson(true);
      await page.getByRole('button', { name: 'Pause with passkey' }).click();
      await page.getByRole('status').getByText('DESK-0412 was told to pause.').waitFor();
      expect(gateway.called('workstation.pause.begin').at(-1)).toEqual({ workstationId: DESK, minutes: 30 });
      expect(gateway.called('workstation.pause')).toMatchObject([{ workstationId: DESK, minutes: 30 }]);
      expect(await page.getByRole('button', { name: 'Pause…' }).count(), 'the choice is closed').toBe(1);
      expect(await own.violations()).toEqual([]);
    });
  });

  test('a pause is not offered where it is forbidden, or where nobody is in', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open('#workstations');
      await page.getByRole('button', { name: 'Pause…' }).waitFor();
      gateway.become({ maxPauseMinutes: 0 });
      await page.getByRole('button', { name: 'Pause…' }).waitFor({ state: 'detached' });
      const [desk] = exampleState(Date.now()).workstations;
      if (desk === undefined) throw new Error('The example has no workstation.');
      const { session: _over, ...empty } = desk;
      gateway.become({ maxPauseMinutes: 60, workstations: [empty] });
      await page.getByText('Nobody is in').waitFor();
      expect(await page.getByRole('button', { name: 'Pause…' }).count()).toBe(0);
    });
  });

  test('a pause that runs says until when, and “Lock now” ends it', async () => {
    await phone(async ({ page, gateway, open }) => {
      const [desk] = exampleState(Date.now()).workstations;
      if (desk === undefined) throw new Error('The example has no workstation.');
      const { session: _over, ...empty } = desk;
      gateway.become({ workstations: [{ ...empty, pausedUntil: Date.now() + 600_000 }] });
      await open('#workstations');
      await page.getByText(/^Paused until .* at the latest$/).waitFor();
      expect(await page.getByText('Nobody is in').count()).toBe(0);
      await page.getByRole('button', { name: 'Lock now' }).click();
      await page.getByRole('status').getByText('was told to lock').waitFor();
      expect(gateway.called('workstation.lock')).toEqual([{ workstationId: DESK }]);
    });
  });

  test('a workstation that is away cannot be told to lock, and the gateway’s refusal is said', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.failNext = 'WORKSTATION_AWAY';
      await open('#workstations');
      expect(await page.getByRole('button', { name: 'Lock now' }).count(), 'the laptop is not connected').toBe(1);
      await page.getByRole('button', { name: 'Lock now' }).click();
      await page.getByRole('alert').getByText('The workstation is not connected.').waitFor();
    });
  });

  test('a phone is renamed', async () => {
    await phone(async ({ page, gateway, open }) => {
      await open('#phones');
      await page.getByRole('button', { name: 'Rename' }).last().click();
      await page.getByLabel('Name of the phone').fill('Spare');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Spare' }).waitFor();
      expect(gateway.called('phone.rename')).toEqual([{ phoneId: 'phone-0000000000000002', name: 'Spare' }]);
    });
  });

  test('revoking wants the passkey once more, and does it then', async () => {
    await phone(async (own) => {
      const { page, gateway } = own;
      await enrolled(own);
      gateway.fresh = false;
      await page.getByRole('link', { name: 'Phones' }).click();
      await page.getByRole('button', { name: 'Revoke…' }).last().click();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.getByRole('status').getByText('Old iPhone in the drawer is revoked.').waitFor();
      const calls = gateway.calls.map(({ call }) => call).slice(-4);
      expect(calls).toEqual(['phone.revoke', 'sign-in.begin', 'sign-in.finish', 'phone.revoke']);
    });
  });

  test('revoking the phone in the hand signs it out', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.fresh = true;
      await open('#phones');
      await page.getByRole('button', { name: 'Revoke…' }).first().click();
      await page.getByText('you are signed out at once').waitFor();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  test('another phone is added by a QR code of a link that works once', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.fresh = true;
      await open('#phones');
      await page.getByRole('button', { name: 'Add a phone' }).click();
      await page.getByRole('img', { name: 'QR code of the link that adds a phone' }).waitFor();
    });
  });

  test('the language changes at once and is kept', async () => {
    await phone(async ({ page, open }) => {
      await open('#phones');
      await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true });
      await page.getByRole('heading', { name: 'Telefone' }).waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
      await page.reload();
      await page.getByRole('heading', { name: 'Telefone' }).waitFor();
    });
  });
});
