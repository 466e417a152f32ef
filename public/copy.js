// Keeps the copy beside the database: what is sealed and not delivered, as lines of a file in the origin's private file
// system (docs/formats.md, "The copy beside the database"), and the canary in a second one. A worker, because only workers
// get handles whose writes can be flushed to the disk.
//
// It decides nothing: lines are added when the program hands them over, and dropped when it says that they are delivered.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// A file with fewer characters than this to keep is written anew as soon as anything in it is delivered.
const small = 1 << 18;

self.addEventListener('message', (event) => {
  const [port] = event.ports;
  // One at a time over all tabs: an open handle keeps every other one out.
  navigator.locks.request('copy', () => work(event.data)).then(
    (last) => port.postMessage({ last }),
    (error) => port.postMessage({ error: String(error) }),
  );
});

/** Drops what is delivered, adds the lines that are not there yet, and answers with the last number that is there. */
async function work({ name, canary, canaryText, identity, device, acked, lines }) {
  const folder = await navigator.storage.getDirectory();
  if (canaryText) await inFile(folder, canary, (file) => replace(file, canaryText));
  return inFile(folder, name, async (file) => {
    const held = parse(await recovered(folder, name, file));
    const kept = await tidy(folder, name, file, held, (line) => line.device !== device || line.seq > acked);
    const last = lastOf(kept, device);
    const missing = parse(lines).filter((line) => line.seq > last);
    if (!missing.length) return last;
    const begin = kept.at(-1)?.device === device ? '' : `${identity.trim()}\n`;
    await append(file, begin + textOf(missing));
    return lastOf(missing);
  });
}

/** Lines as their text, the enrolment they belong to, and the number of the event that they are or belong to; 0 for none. */
function parse(text) {
  let device;
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      if (line.startsWith('identity ')) device = /"device_id":"([^"]+)"/.exec(line)?.[1];
      const [, word, number] = /^(event|bytes) (\d+) /.exec(line) ?? [];
      return { text: line, device, seq: Number(number ?? 0), event: word === 'event' };
    });
}

function textOf(lines) {
  return lines.map((line) => `${line.text}\n`).join('');
}

function lastOf(lines, device) {
  const own = lines.filter((line) => line.event && line.device === device);
  return own.reduce((last, line) => Math.max(last, line.seq), 0);
}

/** Writes the file anew without what is not needed, once that is worth it; returns what it holds then. */
async function tidy(folder, name, file, held, needed) {
  const devices = new Set(held.filter((line) => line.seq && needed(line)).map((line) => line.device));
  // The line that names an enrolment stays as long as one of its events does.
  const kept = held.filter((line) => (line.seq ? needed(line) : devices.has(line.device)));
  const [before, after] = [textOf(held), textOf(kept)];
  const worth = !after || after.length < small || after.length < before.length / 2;
  if (before === after || !worth) return held;
  // All that is kept lies in a second file while the first is written anew: a crash leaves it whole in one of them.
  const spare = (text) => inFile(folder, `${name}.2`, (second) => replace(second, text));
  if (after) await spare(after);
  await replace(file, after);
  if (after) await spare('');
  return kept;
}

/** The lines of the file. What a crash left in the second file goes behind the first. */
async function recovered(folder, name, file) {
  const text = await whole(file);
  const left = await inFile(folder, `${name}.2`, whole);
  if (!left) return text;
  await append(file, left);
  await inFile(folder, `${name}.2`, (second) => replace(second, ''));
  return text + left;
}

/** The lines of a file; what a crash cut off at its end goes. */
async function whole(file) {
  const bytes = new Uint8Array(await file.getSize());
  await file.read(bytes, { at: 0 });
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) await file.truncate(end);
  return decoder.decode(bytes.subarray(0, end));
}

async function append(file, text) {
  const size = await file.getSize();
  try {
    await write(file, text, size);
  } catch (error) {
    // No room: the file stays as it was.
    await file.truncate(size);
    throw error;
  }
}

async function replace(file, text) {
  await file.truncate(0);
  await write(file, text, 0);
}

async function write(file, text, at) {
  const bytes = encoder.encode(text);
  const written = await file.write(bytes, { at });
  if (written !== bytes.length) throw new Error('the file took only a part');
  await file.flush();
}

async function inFile(folder, name, act) {
  const handle = await folder.getFileHandle(name, { create: true });
  const file = await handle.createSyncAccessHandle();
  try {
    return await act(file);
  } finally {
    await file.close();
  }
}
