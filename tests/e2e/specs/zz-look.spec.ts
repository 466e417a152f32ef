import { test } from '../fixtures/test.ts';
test('x', async ({ page, context, server }) => {
  await context.grantPermissions(['camera','microphone','geolocation', 'accelerometer', 'gyroscope', 'magnetometer']);
  const cdp = await context.newCDPSession(page);
  await page.goto(server.url);
  try {
    await cdp.send('Emulation.setSensorOverrideEnabled' as any, { enabled: true, type: 'absolute-orientation' });
  } catch (e) { console.log('sensor', String(e)); }
  await page.evaluate(async () => {
    window.addEventListener('deviceorientationabsolute', (e) => ((window as any).abs = [e.absolute, e.alpha, e.beta, e.gamma]));
  });
  await page.waitForTimeout(300);
    await cdp.send('Emulation.setSensorOverrideReadings' as any, { type: 'absolute-orientation', reading: { quaternion: { x: 0.7071067811865476, y: 0, z: 0, w: 0.7071067811865476 } } });
  await page.waitForTimeout(800);
  console.log('abs', JSON.stringify(await page.evaluate(() => [(window as any).abs, (window as any).rel])));
  const p2 = await context.newPage(); await p2.goto(server.url);
  const c2 = await context.newCDPSession(p2);
  await c2.send('DeviceOrientation.setDeviceOrientationOverride', { alpha: 90, beta: 90, gamma: 0 }).catch(e => console.log(String(e)));
  await p2.evaluate(async () => {
    window.addEventListener('deviceorientationabsolute', (e) => ((window as any).abs = [e.absolute, e.alpha, e.beta, e.gamma]));
    window.addEventListener('deviceorientation', (e) => ((window as any).rel = [e.absolute, e.alpha, e.beta, e.gamma]));
  });
  await p2.waitForTimeout(500);
  console.log('rel', JSON.stringify(await p2.evaluate(() => [(window as any).abs, (window as any).rel])));
});
