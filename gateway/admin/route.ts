import type { AdminCall, AdminCallRow } from './wire/calls.ts';

/** Whom or what a call is about, for the audit log. */
export interface About {
  readonly userId?: string | undefined;
  readonly id?: string | undefined;
}

/** A call that was understood. `run` does it, once, and gives what is to be answered. @throws AdminRefusal */
export interface AcceptedCall {
  readonly about: About;
  run(): unknown;
}

/** A call of the administrator with its work. `accept` decodes strictly; `null`: not understood, and nothing happened. */
export interface AdminRoute {
  accept(json: unknown): AcceptedCall | null;
}
export type AdminRoutes = Readonly<Record<AdminCall, AdminRoute>>;

/** @param row of ADMIN_CALLS. Strict on the way out as well: nothing leaves that is not in the agreed answer. */
export function adminRoute<Request extends About, Answer>(
  row: AdminCallRow<Request, Answer>,
  work: (request: Request) => Answer,
): AdminRoute {
  return {
    accept(json) {
      const parsed = row.request.safeParse(json);
      if (!parsed.success) return null;
      const { data } = parsed;
      return { about: { userId: data.userId, id: data.id }, run: () => row.answer.parse(work(data)) };
    },
  };
}
