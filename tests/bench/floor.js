// The floor: a server that reads what is posted and answers with nothing. Also serves the page that posts.
//   node floor.js <folder of files to serve>
import { createServer } from 'node:http';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const server = createServer((request, response) => {
  if (request.method === 'POST') {
    request.resume();
    request.on('end', () => response.writeHead(204).end());
    return;
  }
  const path = new URL(request.url, 'http://floor').pathname;
  if (path === '/') {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>floor</title>');
    return;
  }
  createReadStream(join(folder, path)).on('error', () => response.writeHead(404).end()).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
