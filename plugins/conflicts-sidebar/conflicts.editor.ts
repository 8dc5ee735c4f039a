/** What the editor loads when the tab is shown for the first time: the sidebar itself. */
import { addStyle } from '../../nodes/shared/editor/style';
import css from './conflicts.css';
import { Panel } from './panel.editor';

export function mount(content: HTMLElement): void {
  addStyle('record-updates-conflicts-style', css);
  void new Panel(content).start();
}
