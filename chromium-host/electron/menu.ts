import { implementedOnly, standIn } from '../stand-in.ts';

type Template = readonly (Electron.MenuItemConstructorOptions | Electron.MenuItem)[];

function itemOf(options: Electron.MenuItemConstructorOptions): Electron.MenuItem {
  const { label = options.role ?? '', type = options.submenu === undefined ? 'normal' : 'submenu' } = options;
  const submenu = Array.isArray(options.submenu) ? menuOf(options.submenu) : undefined;
  const item: Electron.MenuItem = standIn<Electron.MenuItem>('MenuItem', {
    id: options.id ?? label,
    label,
    type,
    enabled: options.enabled ?? true,
    visible: options.visible ?? true,
    checked: options.checked ?? false,
    ...(submenu === undefined ? {} : { submenu }),
    click: (event: Electron.KeyboardEvent) => options.click?.(item, undefined, event),
  });
  return item;
}

function menuOf(template: Template): Electron.Menu {
  const items = template.map((options) => itemOf(options as Electron.MenuItemConstructorOptions));
  return standIn<Electron.Menu>('Menu', {
    items,
    getMenuItemById: (id) => items.find((item) => item.id === id) ?? null,
    append: (item) => void items.push(item),
  });
}

let applicationMenu: Electron.Menu | null = null;

export const Menu = implementedOnly('electron.Menu', {
  buildFromTemplate: (template: Template) => menuOf(template),
  setApplicationMenu: (menu: Electron.Menu | null) => {
    applicationMenu = menu;
  },
  getApplicationMenu: () => applicationMenu,
}) satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu' | 'getApplicationMenu'>;

/** A menu as it is shown in the host's window and told over the control channel. */
export interface MenuLine {
  /** Positions from the top menu down, e.g. `3.0`. */
  readonly path: string;
  readonly label: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly checked: boolean;
}

export function linesOf(menu: Electron.Menu | null, prefix = ''): MenuLine[] {
  return (menu?.items ?? []).flatMap((item, index) => {
    if (!item.visible) return [];
    const path = `${prefix}${index}`;
    const line = { path, label: item.label, type: item.type, enabled: item.enabled, checked: item.checked };
    return item.type === 'submenu' ? [line, ...linesOf(item.submenu ?? null, `${path}.`)] : [line];
  });
}

/** @throws when there is no such item, or it is disabled: a person could not click it either. */
export function clickItem(menu: Electron.Menu | null, path: string): void {
  let items = menu?.items ?? [];
  let found: Electron.MenuItem | undefined;
  for (const index of path.split('.')) {
    found = items[Number(index)];
    items = found?.type === 'submenu' ? (found.submenu?.items ?? []) : [];
  }
  if (found === undefined || found.type === 'separator') throw new Error(`the tray menu has no item ${path}`);
  if (!found.enabled) throw new Error(`the tray menu's item "${found.label}" is disabled`);
  if (found.type === 'checkbox') found.checked = !found.checked;
  found.click({ triggeredByAccelerator: false });
}
