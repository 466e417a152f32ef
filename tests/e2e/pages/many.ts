// Many large photos of one inspection: files on disk, taken in at once, and looked for at the server.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { Field } from './field.ts';
import type { Overview } from './overview.ts';
import { Photos } from './photos.ts';

const minutes = 60_000;

/** Files of one picture that differ in a comment. */
export class Files {
  private constructor(
    private readonly folder: string,
    /** Their paths. */
    readonly paths: string[],
    /** Their digests. */
    readonly hashes: Set<string>,
  ) {}

  static async of(picture: Buffer, count: number): Promise<Files> {
    const files = new Files(await mkdtemp(join(tmpdir(), 'zhicha-photos-')), [], new Set());
    for (let n = 0; n < count; n += 1) {
      const bytes = variant(picture, n);
      files.hashes.add(createHash('sha256').update(bytes).digest('hex'));
      files.paths.push(join(files.folder, `${n}.jpg`));
      await writeFile(files.paths[n]!, bytes);
    }
    return files;
  }

  /** Those digests of which no file of the server has the bytes. */
  async missing(dataDir: string): Promise<string[]> {
    const left = new Set(this.hashes);
    for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !left.has(entry.name)) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      if (createHash('sha256').update(bytes).digest('hex') === entry.name) left.delete(entry.name);
    }
    return [...left];
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

/** Hands all of them over at once in the overview of a new inspection; ends when all have their thumbnails. */
export async function takenIn(field: Field, files: Files): Promise<Overview> {
  const { page } = field;
  const check = await field.start({ site: '示例便利店05', checklists: ['电动自行车停放充电'] });
  const overview = await check.overview();
  const section = page.locator('section', { has: page.getByRole('heading', { name: '还没归到检查项的照片' }) }).first();
  const photos = new Photos(page, section);
  await section.getByLabel('附件').setInputFiles(files.paths);
  const count = files.paths.length;
  await expect(photos.tiles).toHaveCount(count, { timeout: minutes });
  await expect(section.locator('li.photo[data-state=saved]')).toHaveCount(count, { timeout: 20 * minutes });
  // One after the other: with the last one's thumbnail all is done. Thumbnails are drawn where they can be seen.
  await photos.tiles.last().scrollIntoViewIfNeeded();
  await expect(photos.tiles.last().locator('img')).toBeVisible({ timeout: minutes });
  await check.saved(minutes);
  return overview;
}

/** Seals it, checked in part. */
export async function sealed(overview: Overview): Promise<void> {
  await overview.checkedInPart('虚构：只看了门口');
  await overview.fillPeople();
  await overview.seal();
}

/** Waits until nothing waits to be sent. */
export async function sent(field: Field): Promise<void> {
  await expect(field.sync).toHaveAttribute('data-count', '0', { timeout: 20 * minutes });
}

/** A JPEG of about so many bytes: noise, which nothing makes smaller. */
export async function picture(page: Page, bytes: number, width: number, height: number): Promise<Buffer> {
  const text = await page.evaluate(
    async ({ bytes, width, height }) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d')!;
      const image = context.createImageData(width, height);
      let state = 1;
      for (let at = 0; at < image.data.length; at += 4) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const near = (at >> 2) % width >> 4;
        for (let part = 0; part < 3; part += 1) image.data[at + part] = ((state >>> (8 * part)) & 63) + (near & 127);
        image.data[at + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      let best = new Blob();
      // The quality whose size is nearest.
      for (let low = 0, high = 1, turn = 0; turn < 7; turn += 1) {
        const quality = (low + high) / 2;
        best = await canvas.convertToBlob({ type: 'image/jpeg', quality });
        if (best.size > bytes) high = quality;
        else low = quality;
      }
      const found = new Uint8Array(await best.arrayBuffer());
      let text = '';
      for (let at = 0; at < found.length; at += 8192) text += String.fromCharCode(...found.subarray(at, at + 8192));
      return text;
    },
    { bytes, width, height },
  );
  return Buffer.from(text, 'latin1');
}

/** The same picture with other bytes: a comment behind the start of the image (ITU-T T.81, B.2.4.5). */
export function variant(picture: Buffer, n: number): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0x00, 0x06, 0, 0, 0, 0]);
  comment.writeUInt32BE(n, 4);
  return Buffer.concat([picture.subarray(0, 2), comment, picture.subarray(2)]);
}
