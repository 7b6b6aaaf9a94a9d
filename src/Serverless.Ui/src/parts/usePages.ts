import { useEffect, useRef, useState } from 'preact/hooks';
import { session } from '../api/session';

export interface Page<T> {
  items: T[];
  cursor: string | undefined;
}

export interface Pages<T> {
  items: T[];
  isLoading: boolean;
  hasMore: boolean;
  error: Error | null;
  loadMore: () => void;
  reload: () => void;
}

// A page of a search may be empty and still have a next one: so many are read before somebody is asked whether to go on.
const mostEmpty = 5;

/** A list that comes in pages, each asked for by the cursor of the one before. */
export function usePages<T>(load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>, inputs: readonly unknown[]): Pages<T> {
  const [pages, setPages] = useState<{ items: T[]; cursor: string | undefined; isLoading: boolean; error: Error | null }>({ items: [], cursor: undefined, isLoading: true, error: null });
  const [round, setRound] = useState(0);
  const stop = useRef<AbortController>(new AbortController());

  async function fetchMore(before: T[], from: string | undefined): Promise<void> {
    const { signal } = (stop.current = new AbortController());
    setPages(p => ({ ...p, isLoading: true, error: null }));
    try {
      let page = await load(from, signal);
      for (let i = 0; i < mostEmpty && page.items.length === 0 && page.cursor !== undefined; i++) page = await load(page.cursor, signal);
      if (!signal.aborted) setPages({ items: [...before, ...page.items], cursor: page.cursor, isLoading: false, error: null });
    } catch (error) {
      if (!signal.aborted) setPages({ items: before, cursor: from, isLoading: false, error: error as Error });
    }
  }

  useEffect(() => session.onChange(() => setRound(r => r + 1)), []);
  useEffect(() => {
    void fetchMore([], undefined);
    return () => stop.current.abort();
  }, [...inputs, round]);

  return {
    items: pages.items,
    isLoading: pages.isLoading,
    hasMore: pages.cursor !== undefined,
    error: pages.error,
    loadMore: () => void fetchMore(pages.items, pages.cursor),
    reload: () => setRound(r => r + 1),
  };
}
