import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import UPlot from "uplot";

const HEIGHT = 150;

/** One line over days. For the eye alone: whoever draws it gives the same figures as a table. */
export function LineChart(props: {
  /** Seconds since 1970, ascending, each with its value. */
  points: readonly (readonly [number, number])[];
  format: (value: number) => string;
}) {
  const { ref: sized, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(sized, place);
  const dark = useComputedColorScheme("light") === "dark";
  const { points, format } = props;
  useEffect(() => {
    if (!place.current || width === 0) return;
    const ink = dark ? "#c9ccd1" : "#4a4e54";
    const lines = dark ? "#33363b" : "#e4e6e9";
    const axis = { stroke: ink, grid: { stroke: lines, width: 1 }, ticks: { stroke: lines } };
    const chart = new UPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, most || 1] } },
        axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(format) }],
        series: [{}, { stroke: dark ? "#ec7c74" : "#b3261e", width: 2, points: { size: 5 } }],
      },
      [points.map(([at]) => at), points.map(([, value]) => value)],
      place.current,
    );
    return () => chart.destroy();
  }, [width, dark, points, format]);
  return <div ref={ref} aria-hidden style={{ minHeight: HEIGHT }} />;
}
