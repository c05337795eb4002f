import type { SeededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

/** Reaction to a request on the phone. The late one comes around the end of what anybody waits for. */
const REACTION_MS = { prompt: { from: 1_500, to: 9_000 }, late: { from: 50_000, to: 125_000 } } as const;
/** Back at the desk before anybody minds, or not. */
const SHORT_ABSENCE_MS = { from: 4_000, to: 45_000 } as const;
const BETWEEN_LOOKS_MS = { from: 6_000, to: 20_000 } as const;
/** A phone out of reach is a doubt of its own until it is back. */
const ABSENCE_MS = 600_000;

/** The person of the desk with a phone, and now and then somebody else who knows the password. */
export class Person {
  readonly #world: World;
  readonly #random: SeededRandom;
  /** Whoever sits there now has not got the phone. */
  #intruder = false;

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  begin(): void {
    this.#world.onRing = () => this.#onRing();
    this.#lookAgain(this.#random.between(1_000, 5_000));
  }

  #look(): void {
    const { desk, main } = this.#world;
    if (desk.computer.sleptSince !== null || main === null) this.#lookAgain(60_000);
    else if (desk.locked) this.#come();
    else if (desk.covered) this.#waitAtCurtain();
    else this.#work();
  }

  #lookAgain(delayMs: number): void {
    this.#world.after(delayMs, () => this.#look());
  }

  #come(): void {
    const { desk, service, chosen } = this.#world;
    this.#intruder = this.#random.chance(0.12);
    if (!this.#intruder && !service.near) this.#phone('return');
    this.#lookAgain(this.#random.between(BETWEEN_LOOKS_MS.from, BETWEEN_LOOKS_MS.to));
    if (chosen.policy.unlockOnApproval === 'session' && this.#random.chance(0.7)) {
      this.#world.note('somebody touches the keyboard');
      desk.activity();
      return;
    }
    this.#world.note(this.#intruder ? 'somebody else unlocks with the password' : 'unlocks with the password');
    desk.unlock('password');
  }

  #waitAtCurtain(): void {
    const { main, chosen, desk } = this.#world;
    this.#lookAgain(this.#random.between(BETWEEN_LOOKS_MS.from, BETWEEN_LOOKS_MS.to));
    switch (this.#random.weighted({ wait: 12, retry: 5, 'lock now': 1, code: 3, 'lock by key': 1 })) {
      case 'wait':
        return;
      case 'retry':
        this.#world.note('asks again');
        main?.tell({ type: 'user.retry' });
        return;
      case 'lock now':
        main?.tell({ type: 'user.lockNow', from: 'curtain' });
        return;
      case 'lock by key':
        desk.lock('by key');
        return;
      case 'code':
        if (this.#intruder || chosen.policy.offline !== 'code') return;
        this.#world.note('types an offline code');
        if (main === null || main === undefined) return;
        main.tell({
          type: 'offlineCode.accepted',
          codeKind: 'totp',
          lockCycle: main.guard.current().context.lockCycle,
        });
    }
  }

  #work(): void {
    const { main, desk, chosen } = this.#world;
    const action = this.#random.weighted({
      work: 5,
      'walk away': 5,
      'step out': 2,
      'lock now': 2,
      'lock by key': 2,
      'close on the phone': 1,
      pause: 1,
    });
    this.#world.note(action);
    const stay = () => this.#lookAgain(this.#random.untilNext(chosen.stayMs));
    const away = () => this.#lookAgain(this.#random.untilNext(chosen.awayMs));
    switch (action) {
      case 'work':
        stay();
        return;
      case 'walk away':
        this.#phone('leave');
        away();
        return;
      case 'step out':
        this.#phone('leave');
        this.#world.after(this.#random.between(SHORT_ABSENCE_MS.from, SHORT_ABSENCE_MS.to), () =>
          this.#phone('return'),
        );
        stay();
        return;
      case 'lock now':
        main?.tell({ type: 'user.lockNow', from: this.#random.pick(['tray', 'status']) });
        away();
        return;
      case 'lock by key':
        desk.lock('by key');
        away();
        return;
      case 'close on the phone':
        this.#phone('close');
        away();
        return;
      case 'pause':
        main?.tell({ type: 'user.pause', minutes: this.#random.between(1, 20) });
        stay();
    }
  }

  #onRing(): void {
    const reaction = this.#intruder
      ? this.#random.weighted({ ignore: 6, deny: 3, approve: 0, late: 0 })
      : this.#random.weighted({ approve: 80, deny: 4, ignore: 6, late: 10 });
    if (reaction === 'ignore') {
      this.#world.ghost.disturbed(this.#world.time.now + ABSENCE_MS);
      return;
    }
    const { from, to } = reaction === 'late' ? REACTION_MS.late : REACTION_MS.prompt;
    this.#world.after(this.#random.between(from, to), () => this.#phone(reaction === 'deny' ? 'deny' : 'approve'));
  }

  #phone(action: 'approve' | 'deny' | 'leave' | 'return' | 'close'): void {
    const done = this.#world.service.phone(action);
    this.#world.note(`phone: ${action}`, done ? '' : '(nothing to do)');
    if (action !== 'approve' && action !== 'return') this.#world.ghost.disturbed(this.#world.time.now + ABSENCE_MS);
  }
}
