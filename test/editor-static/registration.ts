import { parse, type Node } from 'acorn';

/** What the Flow Library reads of a node: `registerType` with a literal type and an inline object. */
export interface Registration {
  readonly type: string;
  readonly properties: Readonly<Record<string, Node>>;
}

type Any = Node & Record<string, unknown>;

/** The registrations in the script of a node's html. */
export function registrations(html: string): Registration[] {
  const found: Registration[] = [];
  visit(programOf(html), node => {
    const registration = asRegistration(node);
    if (registration !== undefined) found.push(registration);
  });
  return found;
}

/** The types to choose from in the typed input whose type lies in the hidden field of that name. */
export function typedChoices(html: string, typeField: string): string[] {
  const found: string[] = [];
  visit(programOf(html), node => {
    const [name, types] = (node.arguments ?? []) as Any[];
    if ((node.callee as Any | undefined)?.name !== 'typedField') return;
    if (`${String(name?.value)}Type` !== typeField) return;
    const choices = (types?.elements ?? []) as Any[];
    found.push(...choices.map(choice => String(literalValue(valueOfType(choice)))));
  });
  return found;
}

/** The name of a type: the type itself, a member of its definition, or what a helper makes one of. */
function valueOfType(choice: Any): Node {
  const [first] = (choice.arguments ?? []) as Node[];
  return first ?? propertiesOf(choice).value ?? choice;
}

/** The value of a literal, or of an object or array made of literals only. */
export function literalValue(node: Node | undefined): unknown {
  const any = node as Any | undefined;
  if (any?.type === 'Literal') return any.value;
  if (any?.type === 'ArrayExpression') return (any.elements as Node[]).map(literalValue);
  if (any?.type === 'ObjectExpression') {
    return Object.fromEntries(
      Object.entries(propertiesOf(any)).map(([name, value]) => [name, literalValue(value)]),
    );
  }
  return undefined;
}

export function propertiesOf(node: Node | undefined): Record<string, Node> {
  const list = ((node as Any | undefined)?.properties ?? []) as Any[];
  return Object.fromEntries(
    list.map(property => {
      const key = property.key as Any;
      return [String(key.name ?? key.value), property.value as Node];
    }),
  );
}

/** What was parsed last: the tests ask one html after the other, and each of them many times. */
let latest: { readonly html: string; readonly program: Node } | undefined;

function programOf(html: string): Node {
  if (latest?.html !== html) {
    latest = { html, program: parse(scriptOf(html), { ecmaVersion: 2022 }) };
  }
  return latest.program;
}

/** Only this spelling of the tag is read by the Flow Library. */
function scriptOf(html: string): string {
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1];
  if (script === undefined) throw new Error('no script of type text/javascript');
  return script;
}

function asRegistration(node: Any): Registration | undefined {
  const callee = node.callee as Any | undefined;
  const name = (callee?.property as Any | undefined)?.name;
  if (node.type !== 'CallExpression' || name !== 'registerType') return undefined;
  const [type, definition] = node.arguments as Any[];
  if (type?.type !== 'Literal' || definition?.type !== 'ObjectExpression') return undefined;
  return { type: String(type.value), properties: propertiesOf(definition) };
}

function visit(node: unknown, look: (node: Any) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, look);
  if (typeof node !== 'object' || node === null || !('type' in node)) return;
  look(node as Any);
  for (const child of Object.values(node)) if (typeof child === 'object') visit(child, look);
}
