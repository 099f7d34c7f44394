import { useMemo } from "react";
import { cardCode } from "./card-qr.ts";

const quietModules = 4;

/** The code of a signed card; the words beside it say the same. */
export function CardCode({ jws, label }: { jws: string; label: string }) {
  const { side, path } = useMemo(() => {
    const code = cardCode(jws);
    let drawn = "";
    for (let y = 0; y < code.size; y += 1)
      for (let x = 0; x < code.size; x += 1)
        if (code.get(x, y)) drawn += `M${x + quietModules} ${y + quietModules}h1v1h-1z`;
    return { side: code.size + 2 * quietModules, path: drawn };
  }, [jws]);
  return (
    <svg
      className="card-code"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
