/** Something that makes a run slower than it could be, and what to do about it. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

export type Notify = (notice: Notice) => void;

/** Says each once. */
export function onceEach(notify: Notify): Notify {
  const said = new Set<string>();
  return notice => {
    if (said.has(notice.code)) return;
    said.add(notice.code);
    notify(notice);
  };
}
