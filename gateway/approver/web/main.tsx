import { type JSX, StrictMode, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { takeEnrollmentCode, unusedEnrollmentLink } from './enrollment-code.ts';
import { GatewayLink } from './gateway/link.ts';
import { newerVersionServed, reloadOnce } from './gateway/version.ts';
import { Unbroken } from './pages/no-page.tsx';
import { nothingUnderWay } from './parts/use-deed.ts';
import { onHint, registerServiceWorker } from './phone/notifications.ts';
import { passkeysSupported } from './phone/passkey.ts';
import { firstLanguage, keepLanguage, LANGUAGES, type Language, SpokenContext } from './words/language.ts';

const link = new GatewayLink();
const enrollmentCode = passkeysSupported() ? takeEnrollmentCode() : null;

function Spoken(): JSX.Element {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo(() => {
    const choose = (chosen: Language) => {
      keepLanguage(chosen);
      setLanguage(chosen);
    };
    return { language, words: LANGUAGES[language], choose };
  }, [language]);
  return (
    <SpokenContext value={spoken}>
      <Unbroken>
        <App link={link} enrollmentCode={enrollmentCode} />
      </Unbroken>
    </SpokenContext>
  );
}

/** A kept page of an older build must not go on with a newer gateway; a page in the middle of something is left alone. */
async function stayCurrent(): Promise<void> {
  const idle = () => nothingUnderWay() && enrollmentCode === null && document.visibilityState === 'visible';
  if (idle() && (await newerVersionServed()) && idle()) reloadOnce();
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element #root.');
createRoot(root).render(
  <StrictMode>
    <Spoken />
  </StrictMode>,
);
link.start();
onHint(() => void link.look());
document.addEventListener('visibilitychange', () => void stayCurrent());
window.addEventListener('online', () => void stayCurrent());
// A link that is pasted, or opened by the phone, where this page is open already changes only what is behind “#”.
window.addEventListener('hashchange', () => {
  if (unusedEnrollmentLink() !== null) window.location.reload();
});
void stayCurrent();
void registerServiceWorker();
