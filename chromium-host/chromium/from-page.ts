import { z } from 'zod';
import type { Wire } from '../page/wire-value.ts';

/** What a page's preload world may tell the host. A page is hostile once a bug lets script in, so this is decoded strictly. */
export const WireSchema: z.ZodType<Wire> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.string(),
    z.number(),
    z.strictObject({ t: z.literal('undefined') }),
    z.strictObject({ t: z.literal('number'), v: z.string().max(32) }),
    z.strictObject({ t: z.literal('bigint'), v: z.string().regex(/^-?\d{1,400}$/) }),
    z.strictObject({ t: z.literal('date'), v: z.number() }),
    z.strictObject({ t: z.literal('bytes'), v: z.array(z.int().min(0).max(255)) }),
    z.strictObject({ t: z.literal('error'), name: z.string(), message: z.string() }),
    z.strictObject({ t: z.literal('array'), v: z.array(WireSchema) }),
    z.strictObject({ t: z.literal('object'), v: z.array(z.tuple([z.string(), WireSchema])) }),
  ]),
);

export const FromPageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('invoke'), id: z.int().min(1), channel: z.string(), args: WireSchema }),
  z.strictObject({ type: z.literal('send'), channel: z.string(), args: WireSchema }),
  z.strictObject({ type: z.literal('preload-error'), name: z.string(), message: z.string() }),
  z.strictObject({
    type: z.literal('input'),
    input: z.strictObject({
      key: z.string(),
      code: z.string(),
      control: z.boolean(),
      shift: z.boolean(),
      alt: z.boolean(),
      meta: z.boolean(),
      isAutoRepeat: z.boolean(),
    }),
  }),
]);
export type FromPage = z.infer<typeof FromPageSchema>;

export type ToPage =
  | { readonly type: 'reply'; readonly id: number; readonly ok: boolean; readonly value: Wire }
  | { readonly type: 'push'; readonly channel: string; readonly args: Wire };
