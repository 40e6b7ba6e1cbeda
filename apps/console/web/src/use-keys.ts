import { useEffect, useRef } from 'react';

/** What each key does; `?`, letters, digits and names such as ArrowRight. */
export type KeyTable = Readonly<Record<string, () => void>>;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, [role="combobox"]'));
}

/** Keys of a page; they rest while somebody types, while a dialog is open, and beside Ctrl, Alt and Meta, which are the browser's. */
export function useKeys(keys: KeyTable, isResting = false): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (isResting) return undefined;
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
      const act = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [isResting]);
}
