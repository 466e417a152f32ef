// Evidence that is no photo: the ways behind the second button of a strip, and what they open.
import { expect, type Locator } from '@playwright/test';
import type { Photos } from './photos.ts';

/** The recorder, readings and files of one strip. */
export class Evidence {
  constructor(readonly strip: Photos) {}

  /** Opens one of the ways. */
  async way(word: string): Promise<void> {
    await this.strip.scope.getByRole('button', { name: '更多取证' }).click();
    await this.strip.scope.getByRole('button', { name: word, exact: true }).click();
  }

  get recorder(): Locator {
    return this.strip.page.getByRole('dialog', { name: '录音', exact: true });
  }

  get reading(): Locator {
    return this.strip.page.getByRole('dialog', { name: '仪器读数', exact: true });
  }

  /** Records for at least so many seconds; ends with the sheet open. */
  async record(seconds: number): Promise<void> {
    await this.way('录音');
    await this.recorder.getByRole('button', { name: '开始录音' }).click();
    await this.lasts(seconds);
    await this.recorder.getByRole('button', { name: '停止录音' }).click();
    await this.playable();
  }

  /** Waits until the recorder has counted so far. */
  async lasts(seconds: number): Promise<void> {
    await expect(this.recorder.getByRole('timer')).toContainText(new RegExp(`0:0[${seconds}-9]`));
  }

  /** How many stretches of bytes lie on the disk: a piece of a recording is one. */
  async stretches(): Promise<number> {
    return this.strip.page.evaluate(async () => {
      const names = (await indexedDB.databases()).map((found) => found.name ?? '');
      const done = <T>(asked: IDBRequest<T>) =>
        new Promise<T>((done, fail) => {
          asked.onsuccess = () => done(asked.result);
          asked.onerror = () => fail(asked.error);
        });
      const db = await done(indexedDB.open(names.find((name) => /^zhicha-.*-.*/.test(name))!));
      const count = await done(db.transaction('blob_chunk').objectStore('blob_chunk').count());
      db.close();
      return count;
    });
  }

  /** Waits until a note is there that the browser can play. */
  async playable(): Promise<void> {
    await expect(this.recorder.getByText('已存本机')).toBeVisible();
    await plays(this.recorder.locator('audio'));
  }

  /** Writes a reading. */
  async read(value: string, unit: string, instrument = '', serial = ''): Promise<void> {
    await this.way('读数');
    const sheet = this.reading;
    await sheet.getByLabel('读数', { exact: true }).fill(value);
    await sheet.getByLabel('单位', { exact: true }).selectOption(unit);
    await sheet.getByLabel('仪器（可不填）').fill(instrument);
    await sheet.getByLabel('仪器编号（可不填）').fill(serial);
    await sheet.getByRole('button', { name: '存下读数' }).click();
    await expect(sheet).toBeHidden();
  }
}

/** Waits until an `<audio>` has read its sound. */
export async function plays(audio: Locator): Promise<void> {
  await expect.poll(() => audio.evaluate((sound: HTMLAudioElement) => sound.readyState)).toBeGreaterThan(0);
  expect(await audio.evaluate((sound: HTMLAudioElement) => sound.error?.message ?? '')).toBe('');
}
