/** What these tests ask of the editor in its page. Seen from there it is the global `RED`. */
export interface RedApi {
  readonly nodes: {
    node(id: string): RedNode | null;
    filterNodes(filter: { type?: string; z?: string }): RedNode[];
    filterLinks(filter: { source?: { id: string } }): RedLink[];
    eachConfig(visit: (node: RedNode) => void): void;
    eachWorkspace(visit: (tab: { id: string; label: string }) => void): void;
    /** The groups on a tab. */
    groups(z: string): { name: string; nodes: readonly RedNode[] }[];
    dirty(): boolean;
  };
  readonly workspaces: { active(): string; show(id: string): void };
  readonly view: { reveal(id: string): void };
  readonly actions: { invoke(name: string): void };
  readonly sidebar: { help: { show(type: string, toFront: boolean): void } };
}

export interface RedNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly valid?: boolean;
  readonly outputs?: number;
  readonly validationErrors?: readonly string[];
}

interface RedLink {
  /** As text after the outputs were put into another order. */
  readonly sourcePort: number | string;
  readonly target: RedNode;
}
