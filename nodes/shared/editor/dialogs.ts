/**
 * What the dialogs of all node types share, as one script: the build makes it a resource of the package, which the
 * editor loads before the script of any of them.
 */
import css from './dialog.css';
import { addStyle } from './style';

export * from '../api-types';
export * from '../checks';
export * from '../conditions';
export * from '../fields';
export * from '../hours-fields';
export * from '../record-fields';
export * from '../retry-config';
export * from '../update-fields';
export * from './api-types';
export * from './beside';
export * from './decision';
export * from './defaults';
export * from './dialog';
export * from './field-types';
export * from './lists';
export * from './method';
export * from './pick';
export * from './records-example';
export * from './released';
export * from './resource';
export * from './style';
export * from './translate';
export * from './typed-fields';
export * from './validate';
export * from './weekdays';

addStyle('record-updates-style', css);
