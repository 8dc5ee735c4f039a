/** A catalogue: texts by group and name, nested. */
export type Catalogue = { [key: string]: string | Catalogue };

export function editorHtml(root: string, type: string): Promise<string>;
export function formTemplate(root: string, type: string): Promise<string>;
export function catalogue(root: string, language: string, type: string): Promise<Catalogue>;
export function helpHtml(root: string, language: string, type: string): Promise<string>;
export function pluginHtml(root: string, name: string): Promise<string>;
