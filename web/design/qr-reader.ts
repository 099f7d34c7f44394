/**
 * Reading QR codes: by the browser itself where it can (Shape Detection API), else by a decoder that
 * is fetched only when something is to be read. Nothing leaves the device.
 */
type Source = HTMLVideoElement | ImageBitmap;
type NativeReader = { detect(source: Source): Promise<{ rawValue: string }[]> };
type NativeMaker = {
  new (options: { formats: string[] }): NativeReader;
  getSupportedFormats(): Promise<string[]>;
};

export type QrReader = {
  /** @returns the text of a code in the picture, or null when there is none */
  read(source: Source): Promise<string | null>;
};

/** Longest side that is decoded, pixels: a card's 105 modules need about 4 pixels each. */
const decodedSidePixels = 1280;
const retryMilliseconds = 120;

/** Whether this page may open a camera at all: on plain HTTP beyond localhost it may not. */
export function canOpenCamera(): boolean {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

export async function createQrReader(): Promise<QrReader> {
  const Native = (globalThis as { BarcodeDetector?: NativeMaker }).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  if (Native && formats.includes("qr_code")) {
    const native = new Native({ formats: ["qr_code"] });
    return { read: async (source) => (await native.detect(source))[0]?.rawValue ?? null };
  }
  const { decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return {
    read: async (source) => {
      const [width, height] =
        source instanceof HTMLVideoElement
          ? [source.videoWidth, source.videoHeight]
          : [source.width, source.height];
      if (!context || width === 0 || height === 0) return null;
      const scale = Math.min(1, decodedSidePixels / Math.max(width, height));
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      context.drawImage(source, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      try {
        return decodeQR(
          { width: canvas.width, height: canvas.height, data },
          { timeLimit: retryMilliseconds },
        );
      } catch {
        // No code in this picture, or not a whole one.
        return null;
      }
    },
  };
}

/** The code in a picture file (a photograph, a screenshot); null when there is none or it is no picture. */
export async function readQrFile(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  try {
    return await (await createQrReader()).read(picture);
  } finally {
    picture.close();
  }
}
