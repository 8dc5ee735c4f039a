type Begin = (onHeld: (isHeld: boolean) => void) => Promise<void>;

/** Lets so many records be under way at a time. */
export class Intake {
  private underWay = 0;
  /** Of these, that wait for others at their record. */
  private held = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly most: number) {}

  /**
   * Begins as soon as there is room. Undefined: it has begun at once; otherwise resolves when it has. Never rejects;
   * `begin` must not, either.
   */
  start(begin: Begin): Promise<void> | undefined {
    if (!this.hasRoom()) return this.startLater(begin);
    this.begin(begin);
    return undefined;
  }

  private async startLater(begin: Begin): Promise<void> {
    while (!this.hasRoom()) await this.change();
    this.begin(begin);
  }

  private begin(begin: Begin): void {
    this.underWay += 1;
    let isHeld = false;
    const onHeld = (holds: boolean): void => {
      if (holds === isHeld) return;
      isHeld = holds;
      this.held += holds ? 1 : -1;
      this.tell();
    };
    void begin(onHeld).then(() => {
      onHeld(false);
      this.underWay -= 1;
      this.tell();
    });
  }

  async allOver(): Promise<void> {
    while (this.underWay > 0) await this.change();
  }

  /** Those that are held count little, so that one busy record does not stop the list, and a thousand do. */
  private hasRoom(): boolean {
    return this.underWay - this.held < this.most && this.underWay < this.most * MOST_HELD;
  }

  private change(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve;
    });
  }

  private tell(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

const MOST_HELD = 4;
