/** Throws what it is about. That is told only then: models ask many thousand times. */
export function mustHold(holds: boolean, about: () => unknown): void {
  if (!holds) throw new Error(JSON.stringify(about()));
}
