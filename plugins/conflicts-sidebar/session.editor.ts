import type { Translate } from '../../nodes/shared/checks';
import { RequestFault } from './client.editor';

/** What all parts of the sidebar share. */
export interface Session {
  readonly t: Translate;
  /** Of the editor, such as `de`. */
  readonly language: string;
  /** Tells a screen reader, in its turn. */
  readonly say: (text: string) => void;
}

/** A fault of a request, in the words of whoever can do something about it. */
export function faultText({ t }: Session, fault: unknown): string {
  if (!(fault instanceof RequestFault)) return String(fault);
  const { status, message } = fault;
  if (status === 401 || status === 403) return t('conflicts-sidebar.errors.permission');
  if (status === 0) return t('conflicts-sidebar.errors.no-answer');
  return message === '' ? t('conflicts-sidebar.errors.failed', { status }) : message;
}
