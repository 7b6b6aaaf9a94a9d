import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/session';

/** What became of something that a view needs. */
export type Load<T> = { state: 'loading' } | { state: 'done'; value: T } | { state: 'failed'; error: Error };

/**
 * Loads something when a view is shown, when what it depends on changes, and when somebody signs in or out; what nobody waits for any more is aborted.
 * @returns What has become of it, and a function that loads it again.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): [Load<T>, () => void] {
  const [result, setResult] = useState<Load<T>>({ state: 'loading' });
  const [round, setRound] = useState(0);
  useEffect(() => session.onChange(() => setRound(r => r + 1)), []);
  useEffect(() => {
    const stop = new AbortController();
    setResult({ state: 'loading' });
    load(stop.signal).then(
      value => stop.signal.aborted || setResult({ state: 'done', value }),
      (error: Error) => stop.signal.aborted || setResult({ state: 'failed', error }),
    );
    return () => stop.abort();
  }, [...inputs, round]);
  return [result, () => setRound(r => r + 1)];
}
