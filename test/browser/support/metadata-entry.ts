/** What turns a document into lists, for a test in the page: run by the parser of the browser. */
import { comparedTypes } from '../../../lib/metadata/compared-as';
import { readCsdl, type ODataVersion } from '../../../lib/metadata/csdl';
import { fieldsOfType } from '../../../lib/metadata/csdl-fields';
import { csdlRoot } from '../../../nodes/record-endpoint/pick-xml.editor';

export function read(text: string, expected?: ODataVersion): object | string {
  const root = csdlRoot(text);
  if (typeof root === 'string') return root;
  const csdl = readCsdl(root, expected);
  if (typeof csdl === 'string') return csdl;
  const { sets, version } = csdl;
  return {
    version,
    sets: sets.map(set => {
      const fields = fieldsOfType(csdl, set.type);
      return { ...set, fields, types: comparedTypes(fields) };
    }),
  };
}
