import { useEffect, useState } from 'react';

/** A view as main published it, and when it arrived here (performance.now, ms): durations in it count from that moment. */
export interface Received<T> {
  readonly view: T;
  readonly receivedAt: number;
}

export type Published<T> =
  | { readonly status: 'waiting' }
  | { readonly status: 'received'; readonly latest: Received<T> }
  /** Main does not answer. A page that cannot know must not keep showing what it knew. */
  | { readonly status: 'lost' };

export interface Source<T> {
  get(): Promise<T>;
  /** @returns a function that stops listening. */
  onChange(listener: (view: T) => void): () => void;
}

/** Listens first and asks second; an answer to the question never replaces a newer push (S6: old news is no news). */
export function usePublished<T>(source: Source<T>): Published<T> {
  const [published, setPublished] = useState<Published<T>>({ status: 'waiting' });
  useEffect(() => {
    let listening = true;
    let pushed = false;
    const receive = (view: T) => setPublished({ status: 'received', latest: { view, receivedAt: performance.now() } });
    const stop = source.onChange((view) => {
      pushed = true;
      receive(view);
    });
    source.get().then(
      (view) => {
        if (listening && !pushed) receive(view);
      },
      () => {
        if (listening && !pushed) setPublished({ status: 'lost' });
      },
    );
    return () => {
      listening = false;
      stop();
    };
  }, [source]);
  return published;
}
