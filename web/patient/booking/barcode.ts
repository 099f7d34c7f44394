/** The browser's own code reader (Shape Detection API), where it has one. */
export type BarcodeReader = {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
};
type Maker = new (options: { formats: string[] }) => BarcodeReader;

const maker = () => (globalThis as { BarcodeDetector?: Maker }).BarcodeDetector;

/** Whether a code can be scanned here; typing is always possible. */
export function canScan(): boolean {
  return maker() !== undefined && Boolean(navigator.mediaDevices?.getUserMedia);
}

export function createReader(): BarcodeReader | null {
  const Made = maker();
  return Made ? new Made({ formats: ["qr_code"] }) : null;
}
