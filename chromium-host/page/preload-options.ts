/** What the host tells the preload's world about its window. */
export interface PreloadOptions {
  readonly nonce: string;
  /** Name of the function that leads to the host; it exists in this world only. */
  readonly binding: string;
  readonly argv: readonly string[];
  readonly platform: string;
  readonly versions: Readonly<Record<string, string>>;
}
