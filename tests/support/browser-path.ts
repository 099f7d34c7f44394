/** Chromium without a window: drawing what nobody looks at took two thirds of what a journey costs. */
export const browserPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium-headless-shell";
