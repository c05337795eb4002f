/// <reference types="electron" />

import type { EventEmitter } from 'node:events';

/**
 * The named members of one of Electron's classes, for `implements`. Listening is left out: Electron types it as returning the whole
 * class; here it is Node's EventEmitter, as in Electron.
 */
export type Members<Whole, Name extends Exclude<keyof Whole, keyof EventEmitter>> = Pick<Whole, Name>;

/**
 * Makes everything that is not implemented fail by name, at the moment it is used: a silent `undefined` would let the app run on
 * with a promise that nobody keeps.
 */
export function implementedOnly<T extends object>(name: string, part: T): T {
  return new Proxy(part, {
    get(target, property) {
      // `then` is asked by every await, symbols by every inspection: neither is a use.
      if (property in target || typeof property === 'symbol' || property === 'then' || property === 'toJSON') {
        return Reflect.get(target, property);
      }
      throw new Error(`${name}.${property} is not implemented in chromium-host`);
    },
  });
}

/**
 * The one place where a part is passed off as Electron's whole. What is there has Electron's types (`Partial`), what is not there
 * throws, so the assertion below never hides an `undefined`.
 */
export function standIn<Whole extends object>(name: string, part: Partial<Omit<Whole, keyof EventEmitter>>): Whole {
  return implementedOnly(name, part) as Whole;
}

/** A module or class of which nothing is implemented. */
export function notImplemented(name: string): object {
  const refuse = (): never => {
    throw new Error(`${name} is not implemented in chromium-host`);
  };
  return new Proxy(refuse, {
    get(_target, property) {
      if (typeof property === 'symbol' || property === 'then' || property === 'prototype') return undefined;
      throw new Error(`${name}.${property} is not implemented in chromium-host`);
    },
    construct: refuse,
  });
}

/** An event that a listener may veto, as Electron hands it out. */
export function vetoableEvent<Extra extends object>(extra: Extra): Extra & Electron.Event {
  const event = {
    ...extra,
    defaultPrevented: false,
    preventDefault(): void {
      event.defaultPrevented = true;
    },
  };
  return event;
}
