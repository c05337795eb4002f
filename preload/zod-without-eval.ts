import { config } from 'zod';

/**
 * Imported before any schema: zod decides while a schema is built whether to compile it with `new Function`. The pages' policy forbids
 * that, and each try would be reported as a violation.
 */
config({ jitless: true });
