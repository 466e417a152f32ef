// The peer: PouchDB's own server on LevelDB, and the page that replicates to it.
//   node pouch.js <data folder> <folder of files to serve>
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import express from 'express';
import expressPouchDB from 'express-pouchdb';
import PouchDB from 'pouchdb';

const [data, folder] = process.argv.slice(2);
const files = join(createRequire(import.meta.url).resolve('pouchdb'), '../../dist');
const app = express();
app.get('/page/', (_, response) => response.type('html').send('<!doctype html><title>peer</title><script src="/page/pouchdb.min.js"></script>'));
app.use('/page', express.static(files));
app.get('/files/:name', (request, response) => createReadStream(join(folder, request.params.name)).pipe(response));
// Without its log, its pages and its sessions: only what replication needs.
const Database = PouchDB.defaults({ prefix: data + sep });
app.use('/db', expressPouchDB(Database, { mode: 'minimumForPouchDB', inMemoryConfig: true }));
const server = app.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
