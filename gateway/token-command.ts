import { freshToken, hashToken } from './tokens.ts';

/** `token`: a fresh workstation token, printed once; nothing keeps it. */
export function printFreshToken(): void {
  const token = freshToken();
  const sha256 = hashToken(token).toString('hex');
  process.stdout.write(`${JSON.stringify({ event: 'token', token, sha256 })}\n`);
  process.stderr.write('Give the token to the workstation; put only the sha256 into the gateway’s configuration.\n');
}
