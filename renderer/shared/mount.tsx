import { Component, type JSX, type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import { bridgeOf } from './bridge.ts';
import { Mark } from './mark.tsx';
import { words } from './words.ts';

/** Draws a page, or a sentence why it cannot be drawn. A blank window would leave the person guessing. */
export function mountPage(page: (bridge: PresenceLockerBridge) => JSX.Element): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('The page has no element #root.');
  const bridge = bridgeOf(window);
  createRoot(root).render(
    <StrictMode>
      <Unbroken>{bridge === null ? <Lost text={words.lost.noBridge} /> : page(bridge)}</Unbroken>
    </StrictMode>,
  );
}

export function Lost({ text }: { readonly text: string }): JSX.Element {
  return (
    <main className="lost" role="alert">
      <Mark name="problem" />
      <h1>{words.lost.title}</h1>
      <p>{text}</p>
    </main>
  );
}

/** A defect in drawing must not take the page away: the guard goes on without its picture, and says so. */
class Unbroken extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Lost text={words.lost.drawing} /> : this.props.children;
  }
}
