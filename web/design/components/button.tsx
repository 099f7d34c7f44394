import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon } from "./icon.tsx";
import "./button.css";

export type ButtonLook = "primary" | "soft" | "plain" | "quiet" | "danger";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: ButtonLook;
  icon?: string;
  wide?: boolean;
  size?: "small" | "large";
  /** Something is under way: the button stays focusable, says so and does nothing. */
  busy?: boolean;
  children: ReactNode;
};

/** A native button. Its words say what will happen. */
export function Button({
  look = "plain",
  icon,
  wide,
  size,
  busy,
  className,
  onClick,
  ...rest
}: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(look, { wide, size, className })}
    >
      {icon ? <Icon path={icon} /> : null}
      <span>{rest.children}</span>
    </button>
  );
}

/** The same look for links. */
export function buttonClass(
  look: ButtonLook,
  { wide, size, className }: { wide?: boolean; size?: "small" | "large"; className?: string } = {},
): string {
  return ["button", `button-${look}`, wide && "button-wide", size && `button-${size}`, className]
    .filter(Boolean)
    .join(" ");
}
