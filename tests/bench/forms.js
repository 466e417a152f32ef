// Serves the pages that `build.js` made.
//   node forms.js <its folder>
import { createServer } from 'node:http';
import { createReadStream } from 'node:fs';
import { extname, join } from 'node:path';

const [folder] = process.argv.slice(2);
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://forms');
  const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
  createReadStream(join(folder, path)).on('error', () => response.writeHead(404).end()).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
