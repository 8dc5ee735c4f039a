/** What dialogs load when a list of names is first asked for. */
import { addStyle } from '../shared/editor/style';
import css from './pickers.css';

export { openList } from './pick-combobox.editor';

addStyle('record-updates-pickers-style', css);
