// Playwright's descriptions of devices: options for newContext.

/** `{agents, devices}` of devices.json; the build writes it here, as text that costs nothing until somebody imports `devices`. */
declare const BROWSER_DEVICES: string;

type Size = readonly [number, number] | null;
type Row = readonly [agent: number, viewport: Size, scale: number, mobile: boolean, touch: boolean, engine: string, screen: Size];

const sizeOf = (size: Size) => (size === null ? null : { width: size[0], height: size[1] });

let made: Record<string, object> | undefined;

export function devices(): Record<string, object> {
  if (made !== undefined) return made;
  const { agents, devices: rows } = JSON.parse(BROWSER_DEVICES) as { agents: string[]; devices: Record<string, Row> };
  made = {};
  for (const [name, [agent, viewport, deviceScaleFactor, isMobile, hasTouch, defaultBrowserType, screen]] of Object.entries(
    rows,
  )) {
    made[name] = {
      userAgent: agents[agent],
      ...(screen === null ? {} : { screen: sizeOf(screen) }),
      viewport: sizeOf(viewport),
      deviceScaleFactor,
      isMobile,
      hasTouch,
      defaultBrowserType,
    };
  }
  return made;
}
