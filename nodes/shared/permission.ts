import type { Request, Response } from 'express';
import type { NodeAPI } from './node-api';

/** Whether who sends a request has a permission. Node-RED only hands out what refuses requests for the lack of it. */
export function permission(
  RED: Pick<NodeAPI, 'auth'>,
  name: string,
): (request: Request) => Promise<boolean> {
  const check = RED.auth.needsPermission(name);
  return request =>
    new Promise(resolve => {
      const refused = (): void => {
        resolve(false);
      };
      const response = { status: () => response, setHeader: () => response, end: refused };
      check(request, response as unknown as Response, () => {
        resolve(true);
      });
    });
}
