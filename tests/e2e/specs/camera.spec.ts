// The sensors of the phone: what the camera offers is used, what goes or lies in the middle is said, and what was taken stays.
import type { Page } from '@playwright/test';
import { test, expect } from '../fixtures/test.ts';
import { Evidence } from '../pages/evidence.ts';
import { Field } from '../pages/field.ts';
import { failed, jpeg, type Photos } from '../pages/photos.ts';
import type { Server } from '../fixtures/server.ts';

test.use({ demo: true });

const visit = { site: '示例便利店05', checklists: ['电动自行车停放充电'] };

async function strip(page: Page, server: Server): Promise<Photos> {
  const field = new Field(page);
  await field.join(server);
  return failed(await field.start(visit));
}

test('light, zoom and the direction of the camera are used where the device has them', async ({ page, context, server }) => {
  await context.grantPermissions(['camera', 'accelerometer', 'gyroscope', 'magnetometer']);
  // Chromium's test camera has neither light nor zoom: what the track says it can, and what it is asked for.
  await page.addInitScript(() => {
    const asked: object[] = [];
    Object.assign(window, { asked });
    const { getCapabilities } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.getCapabilities = function () {
      return { ...getCapabilities.call(this), torch: true, zoom: { min: 1, max: 8, step: 0.5 } };
    };
    MediaStreamTrack.prototype.applyConstraints = async (wanted) => void asked.push(...wanted!.advanced!);
  });
  const asked = () => page.evaluate(() => (window as unknown as { asked: object[] }).asked);
  const photos = await strip(page, server);
  // The sensor itself is Chromium's: the phone stands upright and looks west.
  const cdp = await context.newCDPSession(page);
  const type = 'absolute-orientation';
  await cdp.send('Emulation.setSensorOverrideEnabled', { enabled: true, type });
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  const camera = photos.camera;
  const shutter = camera.getByRole('button', { name: '按下快门' });
  await expect(shutter).toBeEnabled();
  await page.evaluate(() => {
    const upright = new Promise<void>((done) => {
      addEventListener('deviceorientationabsolute', ({ beta }) => Math.round(beta ?? 0) === 90 && done());
    });
    Object.assign(window, { upright });
  });
  const half = 0.5;
  await cdp.send('Emulation.setSensorOverrideReadings', { type, reading: { quaternion: { x: half, y: half, z: half, w: half } } });
  await page.evaluate(() => (window as unknown as { upright: Promise<void> }).upright);
  const light = camera.getByRole('button', { name: '补光灯' });
  await light.click();
  await expect(light).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(asked).toEqual([{ torch: true }]);
  await camera.getByLabel('变焦').fill('4');
  await expect.poll(asked).toEqual([{ torch: true }, { zoom: 4 }]);
  await shutter.click();
  await light.click();
  await expect.poll(asked).toEqual([{ torch: true }, { zoom: 4 }, { torch: false }]);
  await camera.getByRole('button', { name: '拍好了' }).click();
  await photos.saved(1);
  await expect((await photos.open(0)).getByText('朝向 270°')).toBeVisible();
});

test('a camera that is taken away in the middle leaves the photos, and opens again', async ({ page, context, server }) => {
  await context.grantPermissions(['camera']);
  const photos = await strip(page, server);
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  const camera = photos.camera;
  const shutter = camera.getByRole('button', { name: '按下快门' });
  await shutter.click();
  await expect(camera.getByRole('status')).toContainText('已拍 1 张');
  await context.clearPermissions();
  await expect(camera.getByRole('alert')).toContainText('相机断开了。已拍的都在。');
  await expect(shutter).toBeDisabled();
  await context.grantPermissions(['camera']);
  await camera.getByRole('button', { name: '再打开相机' }).click();
  await shutter.click();
  await camera.getByRole('button', { name: '拍好了' }).click();
  await photos.saved(2);
});

test('a camera that stands still takes no photo until it goes on', async ({ page, context, server }) => {
  await context.grantPermissions(['camera']);
  // A call comes in: the track stays, and is muted. No test camera does that by itself.
  await page.addInitScript(() => {
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (wanted) {
      const stream = await getUserMedia.call(this, wanted);
      Object.assign(window, { track: stream.getVideoTracks()[0] });
      return stream;
    };
  });
  const say = (news: string) =>
    page.evaluate((news) => (window as unknown as { track: MediaStreamTrack }).track.dispatchEvent(new Event(news)), news);
  const photos = await strip(page, server);
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  const camera = photos.camera;
  const shutter = camera.getByRole('button', { name: '按下快门' });
  await expect(shutter).toBeEnabled();
  await say('mute');
  await expect(camera.getByRole('alert')).toContainText('没有新画面');
  await expect(shutter).toBeDisabled();
  await camera.getByLabel('用系统相机').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 800, 600) });
  await photos.tiles.nth(0).waitFor({ state: 'attached' });
  await say('unmute');
  await expect(camera.getByRole('alert')).toBeHidden();
  await shutter.click();
  await camera.getByRole('button', { name: '拍好了' }).click();
  await photos.saved(2);
});

test('a microphone that is taken away in the middle leaves what was said', async ({ page, context, server }) => {
  await context.grantPermissions(['microphone']);
  const photos = await strip(page, server);
  const evidence = new Evidence(photos);
  await evidence.way('录音');
  await evidence.recorder.getByRole('button', { name: '开始录音' }).click();
  await evidence.lasts(2);
  await context.clearPermissions();
  await expect(evidence.recorder.getByRole('alert')).toContainText('麦克风断开了');
  await evidence.playable();
  await evidence.recorder.getByRole('button', { name: '关闭' }).click();
  await photos.saved(1);
});

test('a place that cannot be is no place, and does not take that of before', async ({ page, context, server }) => {
  await context.grantPermissions(['camera', 'geolocation']);
  await page.addInitScript(() => {
    Geolocation.prototype.watchPosition = (found, missed) => {
      const say = (latitude: number, longitude: number, accuracy: number) =>
        found({ coords: { latitude, longitude, accuracy }, timestamp: 0 } as GeolocationPosition);
      Object.assign(window, { say, lose: () => missed?.({ code: 2 } as GeolocationPositionError) });
      say(NaN, 0, 5);
      return 1;
    };
  });
  const say = (...numbers: number[]) =>
    page.evaluate((numbers) => (window as unknown as { say: (...all: number[]) => void }).say(...numbers), numbers);
  const photos = await strip(page, server);
  await photos.scope.getByRole('button', { name: '拍照' }).click();
  const place = photos.camera.getByRole('status');
  await expect(place).toContainText('没有位置：设备测不到');
  await say(91, 121, 5);
  await expect(place).toContainText('没有位置：设备测不到');
  await say(31.2, 121.4, 7.2);
  await expect(place).toContainText('±8 米');
  for (const lie of [[31, 181, 5], [31, 121, -5], [31, 121, Infinity], [31, 121, NaN]]) await say(...lie);
  await page.evaluate(() => (window as unknown as { lose: () => void }).lose());
  await photos.camera.getByRole('button', { name: '按下快门' }).click();
  await expect(place).toContainText('已拍 1 张');
  await photos.camera.getByRole('button', { name: '拍好了' }).click();
  await photos.saved(1);
  await expect((await photos.open(0)).getByText('31.2000000, 121.4000000（±8 米）')).toBeVisible();
});
