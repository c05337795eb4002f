import type { z } from 'zod';
import type { SignIn } from './sign-ins.ts';

/** Who calls. */
export interface Visitor {
  readonly address: string;
  /** The page is signed in from now on: its cookie goes out with the answer. */
  signIn(phone: { readonly phoneId: string; readonly userId: string }): SignIn;
}
export interface SignedInVisitor extends Visitor {
  readonly session: SignIn;
  signOut(): void;
}

interface Row<Needs extends string, Request, Answer> {
  readonly path: string;
  readonly needs: Needs;
  readonly request: z.ZodType<Request>;
  readonly answer: z.ZodType<Answer>;
}

/** A call of the API with its work. `run` takes what was sent as JSON and gives what is to be answered, both decoded by the table's schemas. */
export type ApproverRoute =
  | { readonly path: string; readonly needs: 'nobody'; run(json: unknown, from: Visitor): Promise<Ran> }
  | {
      readonly path: string;
      readonly needs: 'session' | 'fresh-session';
      run(json: unknown, from: SignedInVisitor): Promise<Ran>;
    };
export type Ran = { readonly ok: true; readonly answer: unknown } | { readonly ok: false };

export function forAnybody<Request, Answer>(
  row: Row<'nobody', Request, Answer>,
  work: (request: Request, from: Visitor) => Answer | Promise<Answer>,
): ApproverRoute {
  return { path: row.path, needs: row.needs, run: (json, from) => run(row, json, (request) => work(request, from)) };
}

export function forSignedIn<Request, Answer>(
  row: Row<'session' | 'fresh-session', Request, Answer>,
  work: (request: Request, from: SignedInVisitor) => Answer | Promise<Answer>,
): ApproverRoute {
  return { path: row.path, needs: row.needs, run: (json, from) => run(row, json, (request) => work(request, from)) };
}

async function run<Request, Answer>(
  row: Row<string, Request, Answer>,
  json: unknown,
  work: (request: Request) => Answer | Promise<Answer>,
): Promise<Ran> {
  const parsed = row.request.safeParse(json);
  // Strict on the way out as well: nothing leaves that is not in the agreed answer.
  return parsed.success ? { ok: true, answer: row.answer.parse(await work(parsed.data)) } : { ok: false };
}
