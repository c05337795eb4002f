import { ConfigurationError } from '../configuration-error.ts';

/** What a client of the library calls `baseUrl` is `provider.baseUrl` in a gateway's configuration. @throws ConfigurationError, its key renamed so */
export function configured<T>(open: () => T): T {
  try {
    return open();
  } catch (fault) {
    if (!(fault instanceof ConfigurationError)) throw fault;
    throw new ConfigurationError(`provider.${fault.key}`, fault.expected);
  }
}
