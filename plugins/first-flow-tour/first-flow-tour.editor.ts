import { resourceUrl } from '../../nodes/shared/editor/resource';
import { translator } from '../../nodes/shared/editor/translate';

interface TourScript {
  start(url: string): void;
}

RED.plugins.registerPlugin('record-updates-first-flow-tour', {
  type: 'record-updates-tour',
  onadd() {
    const url = resourceUrl('first-flow-tour.js');
    RED.actions.add(
      'record-updates:first-flow-tour',
      () => {
        import(url).then(
          (script: TourScript) => {
            script.start(url);
          },
          (error: unknown) => {
            RED.notify(String(error), 'error');
          },
        );
      },
      { label: translator('first-flow-tour')('first-flow-tour.label.action') },
    );
  },
});
