/** For text that somebody typed, in HTML and in its attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export interface PhonePage {
  /** HTML of the part that changes. */
  readonly view: string;
  /** Whose phone it is; empty for nobody. */
  readonly who: string;
  /** Path that answers the view alone; `null` where nothing will change. */
  readonly viewUrl: string | null;
}

/** The page around the view. Without script its forms still work: they answer with a redirect back to the page. */
export function renderPhonePage({ view, who, viewUrl }: PhonePage): string {
  const data = viewUrl === null ? '' : ` data-view="${escapeHtml(viewUrl)}"`;
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
<header><p class="name">Simulated phone<small>${escapeHtml(who)}</small></p><p class="trial">Trial</p></header>
<p class="notice" role="alert"></p>
<main${data}>${view}</main>
<p class="announce" role="status"></p>
<footer>A simulated service. It protects nothing.</footer>
</body>
</html>
`;
}
