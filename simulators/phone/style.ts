/** The look's tokens this page uses, and its rules. Served as a file of its own; text for the reason given in phone-script.ts. */
export const PHONE_STYLE = `
:root {
  color-scheme: light dark;
  --font: system-ui, -apple-system, "Segoe UI Variable", "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --small: 0.8125rem; --text: 0.9375rem; --large: 1.125rem; --title: clamp(1.75rem, 1.4rem + 1.6vw, 2.25rem);
  --ink: light-dark(#16191d, #eceff3); --ink-2: light-dark(#565d67, #a3abb6);
  --paper: light-dark(#fbfbfa, #14171b); --paper-2: light-dark(#f1f1ee, #1c2026); --line: light-dark(#dedfda, #2c323a);
  --present: light-dark(#0b7f5a, #3ecf9a); --verifying: light-dark(#2563c9, #7ab0ff); --leaving: light-dark(#9a6200, #f0b547);
  --quiet: light-dark(#6f7782, #8b939e);
  --ease: cubic-bezier(.2, .7, .2, 1); --fast: 120ms; --slow: 480ms;
}
@media (prefers-reduced-motion: reduce) { :root { --fast: 0ms; --slow: 0ms; } }
* { box-sizing: border-box; margin: 0; }
html { height: 100%; -webkit-text-size-adjust: 100%; }
body {
  min-height: 100dvh; max-width: 30rem; margin: 0 auto; display: grid; grid-template-rows: auto auto 1fr auto auto;
  padding: max(16px, env(safe-area-inset-top)) 20px max(12px, env(safe-area-inset-bottom));
  font: var(--text)/1.45 var(--font); font-variant-numeric: tabular-nums; color: var(--ink); background: var(--paper);
}
header { display: flex; justify-content: space-between; align-items: start; gap: 16px; }
.name { font-weight: 600; min-width: 0; }
.name small { display: block; font-size: var(--small); font-weight: 400; color: var(--ink-2); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.trial { flex: none; padding: 2px 12px; border-radius: 999px; border: 1px solid currentColor; color: var(--leaving); font-size: var(--small); font-weight: 600; }
.notice:not(:empty) { margin-top: 12px; padding-inline-start: 12px; border-inline-start: 3px solid var(--leaving); }
.announce { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
main { display: grid; grid-template-rows: 1fr auto; min-width: 0; }
.state { place-self: center; width: 100%; display: grid; justify-items: center; gap: 8px; padding: 16px 0; text-align: center; }
.picture { width: clamp(88px, 18vh, 144px); aspect-ratio: 1; margin-bottom: 8px; }
.present .picture { color: var(--present); } .verifying .picture { color: var(--verifying); } .leaving .picture { color: var(--leaving); }
.quiet .picture { color: var(--quiet); }
.mark { width: 100%; height: 100%; display: block; overflow: visible; }
.countdown { position: relative; width: 100%; height: 100%; container-type: inline-size; }
.countdown svg { width: 100%; height: 100%; display: block; overflow: visible; }
.track { stroke: var(--line); stroke-width: 6; } .left { stroke: currentColor; stroke-width: 6; stroke-linecap: round; } .dot { fill: currentColor; }
.left { transition: stroke-dasharray 200ms linear; } .dot { transition: transform 200ms linear; }
@media (prefers-reduced-motion: reduce) { .left, .dot { transition: none; } }
.seconds { position: absolute; inset: 0; display: grid; place-items: center; font-size: var(--title); font-weight: 600; letter-spacing: -.02em; color: var(--ink); }
h1 { font-size: var(--title); font-weight: 600; line-height: 1.15; letter-spacing: -.015em; text-wrap: balance; }
.sentence { max-width: 24rem; font-size: var(--large); color: var(--ink-2); text-wrap: balance; }
dl { width: 100%; margin-top: 12px; border-top: 1px solid var(--line); }
dl div { display: flex; justify-content: space-between; gap: 16px; padding: 8px 0; border-bottom: 1px solid var(--line); }
dt { flex: none; color: var(--ink-2); } dd { text-align: end; min-width: 0; overflow-wrap: anywhere; }
time { white-space: nowrap; }
.message { width: 100%; margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); text-align: start; overflow-wrap: anywhere; }
.message h2 { font-size: var(--small); font-weight: 600; color: var(--ink-2); }
.message a { color: var(--verifying); display: inline-block; padding: 8px 0; }
.actions { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: 12px; padding: 12px 0; background: var(--paper); }
.actions:empty { display: none; }
.actions form { flex: 1 1 40%; display: grid; }
.actions form:has(.main) { flex-basis: 100%; }
.btn {
  font: inherit; font-size: var(--large); color: inherit; min-height: 56px; padding: 8px 16px; border-radius: 999px;
  border: 1px solid color-mix(in srgb, var(--ink) 45%, transparent); background: transparent; cursor: pointer; touch-action: manipulation;
  transition: background-color var(--fast) var(--ease), transform var(--fast) var(--ease);
}
.btn.main { background: var(--ink); color: var(--paper); border-color: transparent; font-weight: 600; min-height: 64px; }
.btn.quiet { border-color: transparent; color: var(--ink-2); }
.btn:hover { background: var(--paper-2); } .btn.main:hover { background: var(--ink-2); }
.btn:active { transform: scale(.98); }
.btn:disabled { opacity: .6; cursor: default; }
:focus-visible { outline: 2px solid var(--verifying); outline-offset: 2px; }
footer { padding-top: 4px; font-size: var(--small); color: var(--ink-2); text-align: center; }
@media (max-height: 700px) {
  .picture { width: 72px; margin-bottom: 0; } .state { gap: 4px; padding: 8px 0; }
  dl { margin-top: 8px; } dl div { padding: 4px 0; } .seconds { font-size: var(--large); } .btn { min-height: 48px; } .btn.main { min-height: 56px; } .actions { gap: 8px; padding: 8px 0; }
}
`;
