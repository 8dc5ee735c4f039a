/** An element of an XML document, as a DOM has it. */
export interface XmlElement {
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly textContent: string | null;
  readonly firstElementChild: XmlElement | null;
  readonly nextElementSibling: XmlElement | null;
  /** By its qualified name, such as `sap:label`. */
  getAttribute(name: string): string | null;
}

/** The elements of a name within another one. */
export function* childrenNamed(parent: XmlElement, name: string): Generator<XmlElement> {
  for (let child = parent.firstElementChild; child !== null; child = child.nextElementSibling) {
    if (child.localName === name) yield child;
  }
}

/** The first of them. */
export function childNamed(parent: XmlElement, name: string): XmlElement | undefined {
  for (const child of childrenNamed(parent, name)) return child;
  return undefined;
}

/** An attribute; empty where it is not there. */
export function attributeOf(element: XmlElement, name: string): string {
  return element.getAttribute(name) ?? '';
}
