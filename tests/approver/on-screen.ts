import type { Browser } from 'playwright-core';
import type { ApproverScreen } from './gallery.ts';
import { type Phone, type PhoneLook, withPhone } from './phone.ts';

/** Brings a phone to a screen of the gallery. */
export function onScreen(
  where: { readonly browser: Browser; readonly folder: string },
  screen: ApproverScreen,
  look: PhoneLook,
  use: (phone: Phone) => Promise<void>,
): Promise<void> {
  return withPhone({ ...where, state: screen.state }, { signedIn: screen.signedIn ?? true, ...look }, async (phone) => {
    await screen.prepare?.(phone.page, phone.gateway);
    await phone.open(screen.fragment);
    await screen.after?.(phone.page, phone.gateway);
    await use(phone);
  });
}
