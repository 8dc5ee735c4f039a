import { PACKAGE, translator } from '../../nodes/shared/editor/translate';

/** The first entry of the Import menu, as the editor's library names it. */
const EXAMPLE = 'orders/01 - Update an order status';
/** Names in it, which are the same in every language. */
const HEALED = 'ship order SO-2025-0145';
const CONFLICT = 'ship order SO-2025-0150';

const t = translator('first-flow-tour');

/** Brings the example, unless it is there, and shows the steps; `url` is where this script was loaded from. */
export function start(url: string): void {
  if (button(CONFLICT) !== undefined) {
    RED.tourGuide.run(url);
    return;
  }
  const path = ['examples', 'flows', ...`${PACKAGE}/${EXAMPLE}`.split('/')];
  $.getJSON(`library/${path.map(encodeURIComponent).join('/')}`).then(
    (flow: readonly object[]) => {
      // With ids of its own: what it is called may be there already. What came is told by the first step.
      RED.view.importNodes(flow, { generateIds: true, notify: false });
      RED.tourGuide.run(url);
    },
    () => {
      RED.notify(t('first-flow-tour.errors.no-example'), 'error');
    },
  );
}

/** A node of the example; of several copies the newest. */
function button(name: string): { id: string; z: string } | undefined {
  return RED.nodes
    .filterNodes({ type: 'inject' })
    .filter(node => node.name === name)
    .at(-1);
}

/** Shows the example's tab, whatever was shown before. */
function showFlow(): void {
  const { z } = button(CONFLICT) ?? {};
  if (z !== undefined) RED.workspaces.show(z);
}

function showDebug(): void {
  RED.sidebar.show('debug');
}

/** Where the line appears of which a step speaks: in Node-RED 5 a section of the sidebar, in 4.1 all of it. */
function debug(): JQuery {
  const section = $('.red-ui-debug-content').closest('.red-ui-sidebar-section');
  return section.length > 0 ? section : $('#red-ui-sidebar');
}

/**
 * As wide as the tour lets a step be. Without a width, the editor measures a step where the one before it stood, too
 * narrow at the edge of the window, and lays it over the line.
 */
const WIDTH = 300;

/** As it is drawn on the workspace. */
function drawn(node: { id: string } | undefined): JQuery {
  return $(`#${node?.id ?? ''}`);
}

function update(): { id: string } | undefined {
  const { z } = button(HEALED) ?? {};
  return z === undefined ? undefined : RED.nodes.filterNodes({ type: 'conditional-update', z })[0];
}

export default {
  steps: [
    {
      title: t('first-flow-tour.title.start'),
      description: t('first-flow-tour.step.start'),
      prepare: showFlow,
    },
    {
      element: (): JQuery => drawn(update()),
      description: t('first-flow-tour.step.node'),
      prepare: showFlow,
    },
    {
      element: '#red-ui-header-button-deploy',
      interactive: true,
      description: t('first-flow-tour.step.deploy'),
    },
    {
      element: debug,
      direction: 'left',
      width: WIDTH,
      interactive: true,
      description: t('first-flow-tour.step.healed'),
      prepare: showDebug,
    },
    {
      element: (): JQuery => drawn(button(CONFLICT)),
      // A node cannot be raised above the shade: this takes the shade away when the mouse comes.
      fallback: 'inset-bottom-right',
      description: t('first-flow-tour.step.button'),
      prepare: showFlow,
    },
    {
      element: debug,
      direction: 'left',
      width: WIDTH,
      interactive: true,
      description: t('first-flow-tour.step.conflict'),
      prepare: showDebug,
    },
    {
      title: t('first-flow-tour.title.own'),
      description: t('first-flow-tour.step.own'),
    },
  ],
};
