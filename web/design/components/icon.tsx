import "./icon.css";

/** A line icon. It repeats the word beside it, so it is hidden from assistive technology. */
export function Icon({ path, size }: { path: string; size?: "small" | "large" | "tile" }) {
  return (
    <svg
      className={`icon${size ? ` icon-${size}` : ""}`}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} />
    </svg>
  );
}
