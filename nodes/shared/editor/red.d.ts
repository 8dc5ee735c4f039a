/**
 * What the editor offers to a node, where the published types lag behind Node-RED 4.1:
 * validators that answer with a sentence, labels of properties, `i18n()` on elements.
 */
import type editorClient from '@node-red/editor-client';
import type { FamilyId } from '../../../lib/api/family-ids';
import type { Validity } from '../checks';

export type Validate<Node> = (this: Node, value: unknown, options: ValidateOptions) => Validity;

interface ValidateOptions {
  /** The property's label, if it has one. */
  readonly label?: string;
}

export interface PropertyDefinition<Node, Value> {
  value: Value;
  /** Names the property in messages about missing values. */
  label?: string;
  required?: boolean;
  /** Type of the config node that the property points to. */
  type?: string;
  /** Must take two parameters: Node-RED coerces the answer of shorter functions to a boolean. */
  validate?: Validate<Node>;
}

export type EditorNode<Config> = Config & {
  readonly id: string;
  readonly type: string;
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
};

/** The object given to `RED.nodes.registerType`. */
export type NodeDefinition<Config, Credentials> = {
  category: string;
  color: string;
  icon: string;
  inputs?: 0 | 1;
  outputs?: number;
  defaults: {
    [Name in keyof Config]-?: PropertyDefinition<EditorNode<Config>, Config[Name]>;
  };
  credentials?: { [Name in keyof Credentials]-?: { type: 'text' | 'password' } };
  paletteLabel?: string;
  label?: () => string;
  labelStyle?: () => string;
  inputLabels?: () => string;
  outputLabels?: (index: number) => string | undefined;
  oneditprepare?: () => void;
  oneditsave?: () => void;
  oneditresize?: (size: { width: number; height: number }) => void;
} & ThisType<EditorNode<Config>>;

interface TypedInputOptions {
  type?: string;
  typeField?: string;
  allowBlank?: boolean;
}

/** Any node; only a record-endpoint has more than a type. */
export interface EndpointNode {
  readonly type: string;
  readonly family?: FamilyId;
  readonly server?: '' | 'practice' | 'url';
  readonly odataVersion?: 'v2' | 'v4';
}

interface EditorNodes extends Omit<editorClient.Nodes, 'registerType' | 'node' | 'filterNodes'> {
  filterNodes(filter: { readonly type?: string; readonly z?: string }): FoundNode[];
  registerType<Config, Credentials = object>(
    type: string,
    definition: NodeDefinition<Config, Credentials>,
  ): void;
  node(id: string): EndpointNode | null | undefined;
}

/** A node on a tab, as far as anybody looks for one by its name. */
interface FoundNode {
  readonly id: string;
  readonly z: string;
  readonly name?: string;
}

interface EditorUtils extends editorClient.Utils {
  /** True, or what is wrong with a typed value. */
  validateTypedProperty(value: unknown, type: string, options: { label?: string }): true | string;
}

/** A tab of the sidebar. */
export interface SidebarTab {
  /** Stays the same for ever: under it the editor remembers where somebody has put the tab. */
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly iconClass: string;
  readonly content: HTMLElement;
  /** It can be used while a dialog is open. */
  readonly enableOnEdit: boolean;
  /** Shows it: for the tip with its keys. */
  readonly action: string;
}

export interface EditorRED extends Omit<
  editorClient.RED,
  'actions' | 'comms' | 'i18n' | 'nodes' | 'plugins' | 'settings' | 'sidebar' | 'utils' | 'view'
> {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  actions: { add(name: string, run: () => void, options: { readonly label: string }): void };
  comms: {
    subscribe(topic: string, listener: (topic: string, data: unknown) => void): void;
    /** `connect`: also after the connection was lost. */
    on(event: 'connect', listener: () => void): void;
  };
  i18n: { lang(): string };
  plugins: {
    registerPlugin(id: string, plugin: { readonly type: string; onadd(): void }): void;
  };
  sidebar: { addTab(tab: SidebarTab): void; show(id: string): void };
  /** Shows the steps that a module at this address exports as its default. */
  tourGuide: { run(url: string): void };
  view: Omit<editorClient.View, 'importNodes'> & {
    importNodes(
      nodes: readonly object[],
      options: { readonly generateIds: boolean; readonly notify: boolean },
    ): void;
  };
  nodes: EditorNodes;
  settings: editorClient.Settings & {
    /** Where the admin API is: empty when beside the editor, else with a slash at the end. */
    apiRootUrl: string;
  };
  utils: EditorUtils;
}

declare global {
  const RED: EditorRED;

  interface JQuery {
    /** Fills in the texts of all `data-i18n` attributes below. */
    i18n(): this;
  }
}
