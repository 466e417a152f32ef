// The floor: a server that reads what is posted and answers with nothing. Also serves the page that posts. What is posted to
// `/durable` it hashes and puts on the disk first, as any server must that says that it has something.
//   node floor.js <folder of files to serve> <folder to write to>
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

const [folder, data] = process.argv.slice(2);
const server = createServer((request, response) => {
  if (request.url === '/durable') {
    keep(request).then((sha256) => response.end(sha256));
    return;
  }
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
async function keep(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const staged = await open(join(data, `${sha256}.part`), 'w');
  await staged.writeFile(bytes);
  await staged.sync();
  await staged.close();
  await rename(join(data, `${sha256}.part`), join(data, sha256));
  const directory = await open(data);
  await directory.sync();
  await directory.close();
  return sha256;
}

server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
