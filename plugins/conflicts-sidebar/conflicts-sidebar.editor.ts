import { resourceUrl } from '../../nodes/shared/editor/resource';
import { translator } from '../../nodes/shared/editor/translate';

/** Under this the editor remembers where somebody has put the tab: it must never change. */
const TAB = 'record-updates-conflicts';
const ACTION = 'record-updates:show-conflicts';

interface SidebarScript {
  mount(content: HTMLElement): void;
}

RED.plugins.registerPlugin('record-updates-conflicts', {
  type: 'record-updates-sidebar',
  onadd() {
    const t = translator('conflicts-sidebar');
    const content = document.createElement('div');
    content.className = 'record-updates-conflicts';
    RED.actions.add(
      ACTION,
      () => {
        RED.sidebar.show(TAB);
      },
      { label: t('conflicts-sidebar.label.show') },
    );
    RED.sidebar.addTab({
      id: TAB,
      name: t('conflicts-sidebar.label.tab'),
      label: t('conflicts-sidebar.label.tab'),
      iconClass: 'fa fa-balance-scale',
      content,
      enableOnEdit: true,
      action: ACTION,
    });
    onceShown(content, () => {
      import(resourceUrl('conflicts.js')).then(
        (script: SidebarScript) => {
          script.mount(content);
        },
        (error: unknown) => {
          content.textContent = String(error);
        },
      );
    });
  },
});

/** Most who open the editor never look here: nothing more is loaded, and nothing asked, before somebody does. */
function onceShown(element: HTMLElement, run: () => void): void {
  const observer = new ResizeObserver(() => {
    if (element.offsetWidth === 0) return;
    observer.disconnect();
    run();
  });
  observer.observe(element);
}
