/** `localStorage` and `sessionStorage` where they may be used; private windows forbid them. */
export interface Memory {
  read(key: string): string | null;
  write(key: string, value: string): void;
}

export function memory(storage: () => Storage): Memory {
  return {
    read(key) {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        storage().setItem(key, value);
      } catch {
        // Remembering is a convenience.
      }
    },
  };
}
