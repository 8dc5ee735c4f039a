/** What the dialog loads when it is opened: the picture of the states, and what is to be said about it. */
import { addStyle } from '../shared/editor/style';
import css from './machine-picture.css';

export { showPicture } from './picture.editor';
export { findings } from './words.editor';

addStyle('record-updates-machine-style', css);
