/** What a browser finds on a page. */
export interface PageFindings {
  /** Pixels that the page is wider than its window. */
  readonly overflow: number;
  readonly charts: readonly { readonly label: string; readonly width: number; readonly height: number }[];
  /** Texts of charts that stick out of their drawing. */
  readonly cut: readonly string[];
  /** Tables that are wider than their room, by their title. */
  readonly scrolled: readonly string[];
  /** Texts of less than 4.5 contrast (WCAG 2.2, 1.4.3), with it. */
  readonly faint: readonly string[];
  readonly texts: number;
  readonly scripts: number;
}

/** To be run in the page; gives `PageFindings`. */
export const PAGE_CHECKS = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, two) => {
    const [dark, light] = [luminance(one), luminance(two)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = getComputedStyle(at).backgroundColor;
      if (!/rgba\\(.*, 0\\)/.test(ground) && ground !== "transparent") return ground;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim() !== "") texts.push(walker.currentNode);
  const faint = [];
  for (const text of texts) {
    const element = text.parentElement;
    const style = getComputedStyle(element);
    const ratio = contrast(element.closest("svg") ? style.fill : style.color, groundOf(element));
    if (!(ratio >= 4.5)) faint.push(text.data + " " + ratio.toFixed(2));
  }
  const charts = [...document.querySelectorAll("svg")].map((svg) => {
    const { width, height } = svg.getBoundingClientRect();
    return { label: svg.getAttribute("aria-label") ?? "", width, height };
  });
  const cut = [...document.querySelectorAll("svg text")].filter((text) => {
    const [own, whole] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
    return own.left < whole.left - 1 || own.right > whole.right + 1 || own.top < whole.top - 1 ||
      own.bottom > whole.bottom + 1;
  }).map((text) => text.textContent);
  const scrolled = [...document.querySelectorAll(".scroll")]
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => box.getAttribute("aria-label") + " " + box.scrollWidth + " > " + box.clientWidth);
  const root = document.documentElement;
  return {
    overflow: Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth,
    charts, cut, scrolled, faint, texts: texts.length, scripts: document.scripts.length,
  };
})()`;
