import { parse } from 'acorn';
import type { CallExpression, ObjectExpression, Property } from 'acorn';

/** How a node registers itself in the editor, read from its html as the Flow Library does. */
export interface RegisteredNode {
  type: string;
  /** Literal values of the definition; a property that is no literal is not in it. */
  literals: Record<string, unknown>;
  /** Names of all properties of the definition. */
  properties: string[];
}

const SCRIPT = /<script type="text\/javascript">([\s\S]*?)<\/script>/g;

/**
 * Every `RED.nodes.registerType('literal', { … })` in the scripts of an html file. Calls of another
 * shape are left out: the Flow Library does not see them either.
 */
export function registeredNodes(html: string): RegisteredNode[] {
  return [...html.matchAll(SCRIPT)]
    .flatMap(([, script = '']) => callsIn(parse(script, { ecmaVersion: 2022 })))
    .filter(call => isRegisterType(call))
    .flatMap(describe);
}

/** All calls of a program, wherever they are: a bundle wraps them in a function. */
function callsIn(value: unknown): CallExpression[] {
  if (Array.isArray(value)) return value.flatMap(callsIn);
  if (value === null || typeof value !== 'object') return [];
  const inside = Object.values(value).flatMap(callsIn);
  return isCall(value) ? [value, ...inside] : inside;
}

const isCall = (value: object): value is CallExpression =>
  'type' in value && value.type === 'CallExpression';

const isRegisterType = ({ callee }: CallExpression): boolean =>
  callee.type === 'MemberExpression' &&
  callee.property.type === 'Identifier' &&
  callee.property.name === 'registerType';

function describe(call: CallExpression): RegisteredNode[] {
  const [type, definition] = call.arguments;
  if (type?.type !== 'Literal' || typeof type.value !== 'string') return [];
  if (definition?.type !== 'ObjectExpression') return [];
  const properties = ownProperties(definition);
  const literals = properties.flatMap(({ name, value }) =>
    value.type === 'Literal' ? [[name, value.value] as const] : [],
  );
  return [
    {
      type: type.value,
      literals: Object.fromEntries(literals),
      properties: properties.map(({ name }) => name),
    },
  ];
}

const ownProperties = ({
  properties,
}: ObjectExpression): { name: string; value: Property['value'] }[] =>
  properties.flatMap(property =>
    property.type === 'Property' && property.key.type === 'Identifier'
      ? [{ name: property.key.name, value: property.value }]
      : [],
  );
