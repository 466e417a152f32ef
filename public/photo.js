// Works on what was captured, off the page's thread: hashes bytes as they are, and makes smaller copies without metadata.
// It decides nothing and keeps nothing; the program stores what it answers. One job at a time.

// The longest side and the size of a working copy, and the longest side of a thumbnail.
const working = { side: 1920, bytes: 400_000 };
const thumbSide = 320;
// The longest file that is taken; the server's own limit is higher.
const most = 32 * 1024 * 1024;

const jobs = { take, reduce };
let last = Promise.resolve();

self.addEventListener('message', ({ data, ports: [port] }) => {
  last = last
    .then(() => jobs[data.do](data))
    .then(
      (reply) => port.postMessage(reply, Object.values(reply).filter((value) => value instanceof ArrayBuffer)),
      (error) => port.postMessage({ error: error.name, words: String(error) }),
    );
});

function refuse(name) {
  const error = new Error(name);
  error.name = name;
  throw error;
}

/** The bytes of a frame of the camera (`frame`, an ImageBitmap) or of a file, their digest and what they are. */
async function take({ frame, file }) {
  const blob = file ?? (await jpeg(frame, frame.width, frame.height, 0.92));
  frame?.close();
  if (!blob.size) refuse('Empty');
  if (blob.size > most) refuse('TooLarge');
  const bytes = await blob.arrayBuffer();
  return { bytes, sha256: await digest(bytes), mime: sort(new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength))) };
}

/** A working copy and a thumbnail of a picture, both JPEG. What the browser cannot draw has none. */
async function reduce({ bytes, mime }) {
  const picture = await createImageBitmap(new Blob([bytes], { type: mime }), { imageOrientation: 'from-image' });
  try {
    const small = await within(picture);
    const thumb = await sized(picture, thumbSide, 0.7);
    const copy = await small.arrayBuffer();
    return { bytes: copy, sha256: await digest(copy), thumb: await thumb.arrayBuffer() };
  } finally {
    picture.close();
  }
}

/** As good as fits. */
async function within(picture) {
  for (const side of [working.side, 1600, 1280, 960]) {
    for (const quality of [0.85, 0.75, 0.65]) {
      const blob = await sized(picture, side, quality);
      if (blob.size <= working.bytes) return blob;
    }
  }
  return sized(picture, 640, 0.6);
}

function sized(picture, side, quality) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const length = (of) => Math.max(1, Math.round(of * scale));
  return jpeg(picture, length(picture.width), length(picture.height), quality);
}

function jpeg(picture, width, height, quality) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  context.imageSmoothingQuality = 'high';
  // Where a picture lets through what is behind it, that is paper.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What bytes are by how they begin; a file's name and what it says about itself count for nothing. */
function sort(head) {
  const text = String.fromCharCode(...head);
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) === 'ftyp' && /^(heic|heix|hevc|mif1|msf1)/.test(text.slice(8))) return 'image/heic';
  if (text.startsWith('%PDF-')) return 'application/pdf';
  return 'application/octet-stream';
}
