import { EventEmitter } from 'node:events';
import { theHost } from '../host.ts';
import { type Members, vetoableEvent } from '../stand-in.ts';
import { trayWindow } from './tray-window.ts';

let nextId = 1;

/** Shown in the host's window, and told on the control channel, instead of being handed to a notification server. */
export class Notification
  extends EventEmitter
  implements Members<Electron.Notification, 'show' | 'close' | 'title' | 'body' | 'silent' | 'urgency' | 'subtitle'>
{
  readonly id = nextId++;
  title: string;
  body: string;
  subtitle: string;
  silent: boolean;
  urgency: 'normal' | 'critical' | 'low';

  static isSupported(): boolean {
    return true;
  }

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.subtitle = options.subtitle ?? '';
    this.silent = options.silent ?? false;
    this.urgency = options.urgency ?? 'normal';
  }

  show(): void {
    trayWindow.addNotification(this);
    theHost().report('notification', { id: this.id, title: this.title, body: this.body, urgency: this.urgency });
    this.emit('show', vetoableEvent({}));
  }

  close(): void {
    if (!trayWindow.removeNotification(this)) return;
    theHost().report('notification-closed', { id: this.id });
    this.emit('close', vetoableEvent({}));
  }
}
