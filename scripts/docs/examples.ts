import type { z } from 'zod';
import { AccountFileSchema } from '../../command/account.ts';
import { ConfigSchema } from '../../gateway/config.ts';
import { PolicyOverrideSchema } from '../../protocol/policy.ts';

/** What an example in the documentation is decoded with. */
export const EXAMPLE_SCHEMAS: { readonly [kind: string]: z.ZodType } = {
  policy: PolicyOverrideSchema,
  gateway: ConfigSchema,
  account: AccountFileSchema,
};
