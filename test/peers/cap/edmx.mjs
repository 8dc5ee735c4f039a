// Writes the metadata of OData V2 that CAP makes of the service, as its adapter hands them out.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import cds from '@sap/cds';

const model = await cds.load(join(dirname(fileURLToPath(import.meta.url)), 'service.cds'));
process.stdout.write(cds.compile.to.edmx(model, { service: 'OrdersService', version: 'v2' }));
