// Reads QR codes and barcodes in what the camera sees or in a picture, off the page's thread: with the browser's own reader
// where it has one that works, else with ours (the crate `codes`), whose program is loaded when it is needed. The build puts
// the JavaScript of that program before this. It decides nothing about what a code says.
//
// This file and the program are not among the files that the service worker keeps; the app asks to `keep` them once it has
// sites. One job at a time.

const program = '{{program}}';
const cacheName = 'zhicha codes';

// The longest side, in pixels, of what our reader looks at: one after the other for a picture, in turn for frames. Small codes
// need many pixels, large and blurred ones are found better in few.
const sides = [1280, 2560, 640];
// The browser's reader can be there and never find anything, or never answer (it may rest on a service of the system).
const alone = 4;
const patience = 3000;

const jobs = { open, read, keep };
let last = Promise.resolve();
let loaded;
let native;
let misses = 0;

self.addEventListener('message', ({ data, ports: [port] }) => {
  last = last
    .then(() => jobs[data.do](data))
    .then(
      (reply) => port.postMessage(reply, reply.frame ? [reply.frame] : []),
      (error) => {
        if (error instanceof WebAssembly.RuntimeError) return stop(error);
        port.postMessage({ error: error.name, words: String(error) });
      },
    );
});

/** A program that stopped cannot go on: the worker ends with its error, and the next job starts a new one (`boot.js`). */
function stop(error) {
  setTimeout(() => {
    throw error;
  });
  setTimeout(() => self.close());
}

/** Makes ready; tells whether barcodes can be read too. */
async function open() {
  await look();
  // Without our program the browser's own reader is good enough.
  await load().catch((error) => {
    if (!native) throw error;
  });
  return { bars: bars() };
}

/** What is read in a frame of the camera (`frame`, an ImageBitmap; `step` counts them) or in a file. A frame in which something was found comes back. */
async function read({ frame, file, step }) {
  await look();
  const picture = frame ?? (await createImageBitmap(file, { imageOrientation: 'from-image' }));
  const steps = frame ? [sides[step % sides.length]] : sides;
  const texts = [...new Set(await found(picture, steps, Boolean(frame)))];
  const reply = { texts, bars: bars() };
  if (frame && texts.length) return { ...reply, frame };
  picture.close();
  return reply;
}

async function found(picture, steps, live) {
  if (native) {
    const texts = await detected(picture);
    if (texts.length) {
      misses = 0;
      return texts;
    }
    misses += 1;
    if (native && live && misses < alone) return [];
  }
  await load();
  for (const side of steps) {
    const texts = decoded(picture, side);
    if (texts.length) return texts;
  }
  return [];
}

/** Looks once whether the browser has a reader of its own, and for what. */
async function look() {
  if (native !== undefined) return;
  native = null;
  try {
    const formats = await soon(self.BarcodeDetector.getSupportedFormats());
    if (formats.length) native = { formats, reader: new BarcodeDetector({ formats }) };
  } catch {
    // There is none.
  }
}

function bars() {
  return Boolean(native?.formats.some((format) => format !== 'qr_code' && format !== 'unknown'));
}

async function detected(picture) {
  try {
    const codes = await soon(native.reader.detect(picture));
    return codes.map((code) => code.rawValue).filter(Boolean);
  } catch {
    native = null;
    return [];
  }
}

function soon(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), patience));
  return Promise.race([promise, late]);
}

function load() {
  loaded ??= wasm_bindgen({ module_or_path: program }).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

function decoded(picture, side) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  // Where a picture lets through what is behind it, that is paper.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const luma = new Uint8Array(width * height);
  // Rec. 601 weights, in 256ths.
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 4) {
    luma[at] = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
  }
  return unpacked(wasm_bindgen.read(luma, width));
}

/** Each text behind its length in bytes (4, little endian). */
function unpacked(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    texts.push(text(bytes.subarray(at + 4, end)));
    at = end;
  }
  return texts;
}

/** UTF-8; what is none is taken for GB 18030, in which older Chinese codes are written. */
function text(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** Puts what scanning needs into a cache of its own, and takes what an earlier build left there out of it. */
async function keep() {
  const own = self.location.pathname;
  const cache = await caches.open(cacheName);
  // This file last: where it is, everything is.
  for (const path of [program, own]) {
    const there = await cache.match(path, { ignoreVary: true });
    if (!there) await cache.put(path, await genuine(path));
  }
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== program && pathname !== own) await cache.delete(request, { ignoreVary: true });
  }
  return {};
}

/** A file whose content is what the hash in its name says; a portal's page is not. */
async function genuine(path) {
  const get = async (cache) => {
    const response = await fetch(path, { cache, credentials: 'same-origin', redirect: 'error' });
    const hash = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (!response.ok || !path.includes(`.${hex.slice(0, 16)}.`)) throw new Error(`${path}: not what it should be`);
    return response;
  };
  return get('default').catch(() => get('reload'));
}
