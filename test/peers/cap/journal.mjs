import cds from '@sap/cds';

/**
 * Lets the database itself write down every change, in the transaction that makes it: what was rolled back
 * leaves no entry and what was committed leaves one, whoever asked for it and by whichever protocol.
 */
export async function keepJournal() {
  await cds.db.run(
    'CREATE TABLE journal (seq INTEGER PRIMARY KEY, changedBy TEXT, change TEXT, entity TEXT, earlier TEXT, later TEXT)',
  );
  for (const entity of Object.values(cds.entities('peer'))) {
    await watch(entity, 'INSERT', 'NULL', row(entity, 'NEW'));
    await watch(entity, 'UPDATE', row(entity, 'OLD'), row(entity, 'NEW'));
    await watch(entity, 'DELETE', row(entity, 'OLD'), 'NULL');
  }
}

/** Every committed change, oldest first: `{ by, change, entity, before, after }`, the rows as JSON objects or null. */
export async function readJournal() {
  const rows = await cds.db.run('SELECT * FROM journal ORDER BY seq');
  return rows.map(({ changedBy, change, entity, earlier, later }) => ({
    by: changedBy,
    change,
    entity,
    before: JSON.parse(earlier),
    after: JSON.parse(later),
  }));
}

function watch({ name }, change, earlier, later) {
  const table = name.replaceAll('.', '_');
  return cds.db.run(
    `CREATE TRIGGER ${table}_${change} AFTER ${change} ON ${table} BEGIN
       INSERT INTO journal (changedBy, change, entity, earlier, later)
       VALUES (session_context('$user.id'), '${change}', '${name.slice('peer.'.length)}', ${earlier}, ${later});
     END`,
  );
}

function row({ elements }, alias) {
  return `json_object(${Object.keys(elements).map(name => `'${name}', ${alias}.${name}`)})`;
}
