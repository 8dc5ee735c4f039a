import { checkText, type Translate, type Validity } from '../checks';

/** The expression that decides about a conflict must be there and be JSONata. */
export function checkDecision(t: Translate): (value: unknown) => Validity {
  return value => {
    const label = t('shared.label.decision');
    const filled = checkText(t, label, value);
    return filled === true ? RED.utils.validateTypedProperty(value, 'jsonata', { label }) : filled;
  };
}
