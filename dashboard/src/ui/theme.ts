import { createTheme } from "@mantine/core";

/** Colours, type and radii. Everything else is Mantine's own, light and dark. */
export const theme = createTheme({
  primaryColor: "lobster",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: {
    lobster: [
      "#ffeceb",
      "#fbd6d3",
      "#f3aaa5",
      "#ec7c74",
      "#e6554b",
      "#e33d32",
      "#d63227",
      "#b3261e",
      "#9b1f18",
      "#821510",
    ],
  },
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace",
  respectReducedMotion: true,
  components: {
    // A dialog's header is not the page's banner, for which its element stands by itself.
    Modal: { defaultProps: { attributes: { header: { role: "none" } } } },
  },
  defaultRadius: "md",
  cursorType: "pointer",
});
