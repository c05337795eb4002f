/** Activeconnect was renamed IAMPASS in 2022: one service, two profiles (PROVIDERS §1). */
export const PROFILE_NAMES = ['activeconnect', 'iampass'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export interface Profile {
  /** Name for the person. */
  readonly title: string;
  readonly baseUrl: string;
  /** Prefixes of the `…-Timestamp` and `…-Version` headers; all of them are sent. */
  readonly headerPrefixes: readonly string[];
}

/** The shipped clients use the first; IAMPASS's documentation prints the second, misspelt so. Both are sent by default (PROVIDERS §1). */
const HEADER_PREFIXES = ['X-Sonikpass-Authentication', 'X-IAMPASS-Authentiaction'] as const;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  activeconnect: { title: 'Activeconnect', baseUrl: 'https://activeapi.ninja', headerPrefixes: HEADER_PREFIXES },
  iampass: { title: 'IAMPASS', baseUrl: 'https://main.iam-api.com', headerPrefixes: HEADER_PREFIXES },
};

/** Confirmation methods of the service; none given is preferred, the service then chooses. */
export const METHODS = ['acceptance', 'device', 'facial'] as const;
