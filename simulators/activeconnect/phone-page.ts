import { quotePlus } from './form-encoding.ts';
import { escapeHtml } from './phone-view.ts';
import type { User } from './service.ts';

type Shown = Pick<User, 'userId' | 'displayName'>;

/** The page around the view. Without script its forms still work: they answer with a redirect back to the page. */
export function renderPhonePage(view: string, user: Shown | undefined): string {
  const who = user === undefined ? '' : escapeHtml(user.displayName ?? user.userId);
  const viewUrl = user === undefined ? '' : ` data-view="/phone/${escapeHtml(quotePlus(user.userId))}/view"`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Simulated phone</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/phone.css">
<script src="/assets/phone.js" defer></script>
</head>
<body>
<header><p class="name">Simulated phone<small>${who}</small></p><p class="trial">Trial</p></header>
<p class="notice" role="alert"></p>
<main${viewUrl}>${view}</main>
<p class="announce" role="status"></p>
<footer>A simulated service. It protects nothing.</footer>
</body>
</html>
`;
}
