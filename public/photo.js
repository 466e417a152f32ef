// Works on what was captured, off the page's thread: hashes bytes as they are, makes smaller copies without metadata, and draws
// marks and stamps into them. It decides nothing and keeps nothing but the picture that is being marked; the program stores
// what it answers. One job at a time, but whoever draws does not wait for other photos.

// The longest side and the size of a working copy, and the longest side of a thumbnail.
const working = { side: 1920, bytes: 400_000 };
const thumbSide = 320;
// The longest side of a picture while it is marked on the screen.
const boardSide = 1440;
// The longest file that is taken; the server's own limit is no lower.
const most = 32 * 1024 * 1024;
const chosen = /^image\/|^application\/pdf$/;

const jobs = { take, reduce, sign, mark };
const atOnce = { open, show, close };
let last = Promise.resolve();

self.addEventListener('message', ({ data, ports: [port] }) => {
  const job = atOnce[data.do];
  const done = job ? Promise.resolve(data).then(job) : last.then(() => jobs[data.do](data));
  const told = done.then(
    (reply) => port.postMessage(reply, Object.values(reply).filter((value) => value instanceof ArrayBuffer)),
    (error) => port.postMessage({ error: error.name, words: String(error) }),
  );
  if (!job) last = told;
});

function refuse(name) {
  const error = new Error(name);
  error.name = name;
  throw error;
}

/**
 * The bytes of a frame of the camera (`frame`, an ImageBitmap) or of a file, their digest and what they are. Of files that
 * a person picks (`choosy`), only pictures and PDFs are taken.
 */
async function take({ frame, file, choosy }) {
  const blob = file ?? (await jpeg(frame, frame.width, frame.height, 0.92));
  frame?.close();
  if (!blob.size) refuse('Empty');
  if (blob.size > most) refuse('TooLarge');
  if (choosy && !chosen.test(sort(await blob.slice(0, 16).arrayBuffer()))) refuse('WrongKind');
  const bytes = await blob.arrayBuffer();
  return { bytes, sha256: await digest(bytes), mime: sort(bytes.slice(0, 16)) };
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

/** A picture of strokes (`core/src/inspection/strokes.rs`): dark ink on paper, as it was on the screen. */
async function sign({ bytes }) {
  const { width, height, strokes } = JSON.parse(new TextDecoder().decode(bytes));
  const scale = 960 / Math.max(width, height);
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = canvas.getContext('2d', { alpha: false });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  Object.assign(context, { lineWidth: 28, lineCap: 'round', lineJoin: 'round', strokeStyle: '#14181c' });
  for (const stroke of strokes) trace(context, stroke);
  const copy = await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer();
  const thumb = await sized(canvas, thumbSide, 0.8);
  return { bytes: copy, sha256: await digest(copy), thumb: await thumb.arrayBuffer() };
}

/** One stroke (x, y, time and pressure of each point), smooth through the middles of its points. */
function trace(context, stroke) {
  const points = [];
  for (let at = 0; at + 3 < stroke.length; at += 4) points.push([stroke[at], stroke[at + 1]]);
  if (!points.length) return;
  const [first] = points;
  const last = points[points.length - 1];
  context.beginPath();
  context.moveTo(...first);
  for (let at = 1; at + 1 < points.length; at += 1) {
    const [[x, y], [nextX, nextY]] = [points[at], points[at + 1]];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...last);
  context.stroke();
}

/** A copy of a picture with marks and stamp drawn into it, and its thumbnail, both JPEG. */
async function mark({ bytes, mime, drawing }) {
  const picture = await createImageBitmap(new Blob([bytes], { type: mime }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  try {
    draw(picture, canvas, JSON.parse(drawing));
  } finally {
    picture.close();
  }
  const copy = await (await within(canvas)).arrayBuffer();
  const thumb = await sized(canvas, thumbSide, 0.7);
  return { bytes: copy, sha256: await digest(copy), thumb: await thumb.arrayBuffer() };
}

// The picture that is being marked, and the canvas of the page that shows it. Only the last one that was opened is.
let board = {};
let opened = 0;

/** Takes the picture that is going to be marked; says how large it is shown. */
async function open({ bytes, mime }) {
  const id = ++opened;
  const picture = await createImageBitmap(new Blob([bytes], { type: mime }));
  if (id !== opened) {
    picture.close();
    refuse('Closed');
  }
  board.picture?.close();
  const scale = Math.min(1, boardSide / Math.max(picture.width, picture.height));
  board = { id, picture, width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
  return { id, width: board.width, height: board.height };
}

/** Shows it with these marks; the canvas comes along the first time. */
function show({ id, canvas, drawing }) {
  if (board.id !== id) refuse('Closed');
  if (canvas) {
    Object.assign(canvas, { width: board.width, height: board.height });
    board.canvas = canvas;
  }
  draw(board.picture, board.canvas, JSON.parse(drawing));
  return {};
}

function close({ id }) {
  if (board.id === id) {
    board.picture.close();
    board = {};
  }
  return {};
}

// What is drawn, in shares of the longer side of a picture: seen on a phone as well as on a wall.
const ink = { red: '#e3160b', white: '#fff', line: 1 / 130, edge: 1 / 320, head: 1 / 28, letter: 1 / 26 };
const plate = { fill: 'rgb(0 0 0 / .72)', letter: 1 / 42, tallest: 1 / 22 };
const fonts =
  '"PingFang SC", "HarmonyOS Sans SC", "HarmonyOS Sans", MiSans, "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif';
// So many colours are left along the longer side of what was blurred, and none is smaller than this share of the picture.
const blurCells = 6;
const leastCell = 1 / 60;

/** Draws a picture: first what is destroyed, so that nothing else is lost in it, then the stamp, and marks above all. */
function draw(picture, canvas, { marks, stamp, whole }) {
  const { width, height } = canvas;
  const context = canvas.getContext('2d', { alpha: false });
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  const long = Math.max(width, height);
  const at = ({ x, y }) => ({ x: (x / whole) * width, y: (y / whole) * height });
  const placed = marks.map(({ tool, from, to, lines }) => ({ tool, from: at(from), to: at(to), lines }));
  for (const { tool, from, to } of placed) if (tool === 'blur') destroy(context, between(from, to), long);
  if (stamp.length) stamped(context, stamp);
  for (const { tool, from, to, lines } of placed) {
    if (tool === 'arrow') outlined(context, arrow(from, to, long), long);
    if (tool === 'box') framed(context, between(from, to), long);
    if (tool === 'text') lettered(context, to, lines, long);
  }
}

function between(from, to) {
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  return { x, y, width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
}

/** Leaves a few colours of a rectangle, spread softly: what they were made of cannot be computed from them. */
function destroy(context, { x, y, width, height }, long) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [w, h] = [Math.ceil(x + width) - left, Math.ceil(y + height) - top];
  const cell = Math.max(Math.max(w, h) / blurCells, long * leastCell);
  const few = new OffscreenCanvas(Math.max(1, Math.round(w / cell)), Math.max(1, Math.round(h / cell)));
  const small = few.getContext('2d', { alpha: false });
  small.imageSmoothingQuality = 'high';
  small.drawImage(context.canvas, left, top, w, h, 0, 0, few.width, few.height);
  context.drawImage(few, 0, 0, few.width, few.height, left, top, w, h);
}

/** The corners of an arrow: shaft and head. */
function arrow(from, to, long) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const head = Math.min(long * ink.head, length * 0.6);
  const [half, wing] = [(long * ink.line) / 2, head * 0.55];
  const point = (along, aside) => [from.x + dx * along - dy * aside, from.y + dy * along + dx * aside];
  const neck = length - head;
  return [
    point(0, half),
    point(neck, half),
    point(neck, wing),
    point(length, 0),
    point(neck, -wing),
    point(neck, -half),
    point(0, -half),
  ];
}

function outlined(context, corners, long) {
  const path = new Path2D();
  for (const [x, y] of corners) path.lineTo(x, y);
  path.closePath();
  context.lineJoin = 'round';
  context.lineWidth = 2 * long * ink.edge;
  context.strokeStyle = ink.white;
  context.stroke(path);
  context.fillStyle = ink.red;
  context.fill(path);
}

function framed(context, { x, y, width, height }, long) {
  context.lineJoin = 'round';
  for (const [colour, edge] of [[ink.white, 2 * ink.edge], [ink.red, 0]]) {
    context.strokeStyle = colour;
    context.lineWidth = long * (ink.line + edge);
    context.strokeRect(x, y, width, height);
  }
}

/** Words on a plate, beginning at a point as far as the picture has room there. */
function lettered(context, at, lines, long) {
  const { width, height } = context.canvas;
  const size = Math.min(long * ink.letter, width * 0.05, height * 0.1);
  const [pad, high] = [size * 0.45, size * 1.3];
  context.font = `600 ${size}px ${fonts}`;
  const wide = Math.min(width - 2 * pad, Math.max(...lines.map((line) => context.measureText(line).width)));
  const box = { width: wide + 2 * pad, height: lines.length * high + pad };
  const x = Math.max(0, Math.min(at.x, width - box.width));
  const y = Math.max(0, Math.min(at.y - box.height / 2, height - box.height));
  context.fillStyle = ink.white;
  context.fillRect(x, y, box.width, box.height);
  const edge = long * ink.edge;
  context.fillStyle = ink.red;
  context.fillRect(x + edge, y + edge, box.width - 2 * edge, box.height - 2 * edge);
  context.fillStyle = ink.white;
  write(context, lines, { x: x + pad, y: y + pad / 2, high, wide });
}

/** Lines on a dark plate along the lower edge. */
function stamped(context, lines) {
  const { width, height } = context.canvas;
  const size = Math.min(width * plate.letter, height * plate.tallest);
  const [pad, high] = [size * 0.6, size * 1.35];
  const tall = lines.length * high + 2 * pad;
  context.font = `500 ${size}px ${fonts}`;
  context.fillStyle = plate.fill;
  context.fillRect(0, height - tall, width, tall);
  context.fillStyle = ink.white;
  write(context, lines, { x: pad, y: height - tall + pad, high, wide: width - 2 * pad });
}

function write(context, lines, { x, y, high, wide }) {
  context.textBaseline = 'middle';
  lines.forEach((line, n) => context.fillText(line, x, y + (n + 0.5) * high, wide));
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
  const text = String.fromCharCode(...new Uint8Array(head));
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) === 'ftyp') return brand(text.slice(8, 12));
  if (text.startsWith('%PDF-')) return 'application/pdf';
  if (text.startsWith('\x1aE\xdf\xa3')) return 'audio/webm';
  if (text.startsWith('OggS')) return 'audio/ogg';
  return 'application/octet-stream';
}

/** What a file of the ISO family is by its main brand. */
function brand(name) {
  if (/^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(name)) return 'image/heic';
  if (/^avi[fs]$/.test(name)) return 'image/avif';
  return /^(M4A |M4B |mp4\d|iso[m\d]|dash)$/.test(name) ? 'audio/mp4' : 'application/octet-stream';
}
