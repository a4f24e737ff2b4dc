// Run in a copy of a page under test: tells the page around it how wide it is and how readable.
addEventListener("load", () => {
  const parts = (text) => {
    const numbers = (text.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
    if (text.startsWith("color(srgb")) {
      return [255 * numbers[0], 255 * numbers[1], 255 * numbers[2], numbers[3] ?? 1];
    }
    return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
  };
  const luminance = ([red, green, blue]) => {
    const linear = (part) => (part <= 10.3 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const paper = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) return colour;
    }
    return [255, 255, 255, 1];
  };
  let least = 99;
  let where = "";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const element = text.parentElement;
    if (!text.data.trim() || element.closest("title, script, style, .skip, details:not([open])")) continue;
    const style = getComputedStyle(element);
    const inPicture = element.closest("svg");
    const ink = parts(inPicture ? style.fill : style.color);
    const [light, dark] = [luminance(ink), luminance(paper(element))].sort((a, b) => b - a);
    // Names in pictures have the colours of their engines, held to 3; all other text is held to 4.5.
    const contrast = ((light + 0.05) / (dark + 0.05)) * (inPicture ? 1.5 : 1);
    if (contrast < least) {
      least = contrast;
      where = `${element.tagName}.${element.className.baseVal ?? element.className}: ${text.data.trim().slice(0, 40)}`;
    }
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const found = {
    wide: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
    contrast: least,
    where,
    dark,
    figures: document.querySelectorAll("svg").length,
    headings: document.querySelectorAll("h2").length,
  };
  parent.postMessage(JSON.stringify(found), "*");
});
