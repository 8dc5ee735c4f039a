/** The tour is a matter of the editor alone; Node-RED wants a half for the runtime beside it. */
export default function (): void {
  // Nothing to do.
}
